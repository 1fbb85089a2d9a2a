using AltClip.Mutation;

var arguments = MutationArguments.Parse(args);
if (arguments is null)
{
    Console.Error.WriteLine(MutationArguments.Usage);
    return 2;
}
var run = new MutationRun(arguments);
run.Go(Console.Out);
run.Report(Console.Out);
return 0;
