using AltClip.Faults.Places;
using AltClip.Faults.Scenarios;

namespace AltClip.Faults;

/// <summary>Stops a command while the clock says one year, and lets it go on while it says another.</summary>
internal sealed class ClockRun(Tool tool, Scenario scenario, FaultReport report)
{
    private static readonly (string Name, string Stopped, string GoesOn)[] Jumps = [("back", "+20y", "-20y"), ("ahead", "-20y", "+20y"), ("to 1980", "+0", "1980-01-02 00:00:00")];

    public void Go()
    {
        using var place = new PlainPlace();
        Fresh(place);
        if (tool.Run(scenario.Environment(place.Folder), scenario.Arguments(place.Folder)) is { Code: not 0 } failed) throw new InvalidOperationException($"{scenario.Name}: {failed.Text}");
        var reference = Tree.Of(place.Folder);
        if (scenario.CheckDone(place.Folder, reference) is { } different) throw new InvalidOperationException($"{scenario.Name}: {different}");
        foreach (var (name, stopped, goesOn) in Jumps)
        {
            Fresh(place);
            report.Stopped(scenario.Name);
            var before = Tree.Entries(place.Folder);
            using (var process = tool.Start(At(stopped), scenario.Environment(place.Folder), scenario.Arguments(place.Folder)))
                process.KillWhen(() => Tree.Entries(place.Folder) > before + 2);
            if (scenario.IsDone(place.Folder)) continue;
            var result = tool.Run(scenario.Environment(place.Folder), scenario.Arguments(place.Folder), At(goesOn));
            if (result.Code != 0) report.Fault(scenario.Name, $"can't go on, ended with {result.Code}: {result.Text.TrimEnd().Split('\n')[^1]}", [name]);
            else if (KillRun.Try(() => scenario.CheckDone(place.Folder, reference)) is { } wrong) report.Fault(scenario.Name, $"in the end {wrong}", [name]);
        }
    }

    private void Fresh(PlainPlace place)
    {
        place.Clear();
        scenario.Prepare(place.Folder);
    }

    private static string[] At(string time) => ["faketime", "-f", time.Length > 10 ? $"@{time}" : time];
}
