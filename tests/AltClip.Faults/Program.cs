using AltClip.Faults;
using AltClip.Faults.Places;
using AltClip.Faults.Scenarios;

var arguments = FaultArguments.Parse(args);
if (arguments is null)
{
    Console.Error.WriteLine(FaultArguments.Usage);
    return 2;
}
using var inputs = new ScenarioInputs(arguments.Data);
Scenario[] all = [new Download(inputs), new ConvertNew(inputs), new ConvertOver(inputs), new Train(inputs), new Embed(inputs), new IndexPictures(inputs)];
Scenario[] scenarios = [.. all.Where(scenario => arguments.Command is null || scenario.Name == arguments.Command)];
if (scenarios.Length == 0)
{
    Console.Error.WriteLine($"There is no command {arguments.Command}; expected one of {string.Join(", ", all.Select(scenario => scenario.Name))}.");
    return 2;
}
var tool = new Tool(arguments.Tool);
var faults = Kill("killed", arguments.Kills, () => new PlainPlace()) + Kill("power cuts", arguments.Cuts, () => new PowerCutPlace());
if (arguments.Places)
{
    faults += Try("with full, read-only or forbidden folders", (scenario, report) => new PlaceRun(tool, scenario, report).Go());
    faults += Try("with clocks that jump", (scenario, report) => new ClockRun(tool, scenario, report).Go());
    var drips = new FaultReport("slow servers");
    new DripRun(tool, inputs, drips).Go();
    drips.Write(Console.Out);
    faults += drips.Faults;
}
return faults == 0 ? 0 : 1;

int Kill(string what, int times, Func<IPlace> create) => times == 0 ? 0 : Try(what, (scenario, report) =>
{
    using var place = create();
    var random = new Random((arguments.Seed * 100) + Array.IndexOf(scenarios, scenario));
    new KillRun(tool, scenario, place, random, report).Go(Math.Max(1, times / scenarios.Length));
});

int Try(string what, Action<Scenario, FaultReport> run)
{
    var report = new FaultReport(what);
    foreach (var scenario in scenarios) run(scenario, report);
    report.Write(Console.Out);
    return report.Faults;
}
