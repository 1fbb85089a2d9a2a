using AltClip.Fuzz;

var arguments = FuzzArguments.Parse(args);
if (arguments is null)
{
    Console.Error.WriteLine(FuzzArguments.Usage);
    return 2;
}
using var targets = new TargetSet(arguments.Data, arguments.Target);
var run = new FuzzRun(arguments, targets.All);
run.Go();
run.Report(Console.Out);
return run.Findings == 0 ? 0 : 1;
