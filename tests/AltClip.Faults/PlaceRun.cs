using AltClip.Faults.Places;
using AltClip.Faults.Scenarios;

namespace AltClip.Faults;

/// <summary>Lets a command work where it can't write, or not all, then where it can: it says so and names the place, and loses nothing.</summary>
internal sealed class PlaceRun(Tool tool, Scenario scenario, FaultReport report)
{
    private static readonly double[] Shares = [0, 0.2, 0.5, 0.9];

    // root without what lets root write everywhere
    private static readonly string[] Unprivileged = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"];

    public void Go()
    {
        var (reference, need) = Measure();
        foreach (var share in Shares)
        {
            using var place = Fresh();
            place.Resize(place.Used + Math.Max(4096, (long)(need * share)));
            Fail(place, reference, $"full at {share:0%}", []);
            place.Resize(LittlePlace.Enough);
            Finish(place, reference, $"full at {share:0%}");
        }
        using (var place = Fresh())
        {
            place.SetReadOnly(true);
            Fail(place, reference, "read-only", []);
            place.SetReadOnly(false);
            Finish(place, reference, "read-only");
        }
        using (var place = Fresh())
        {
            Allow(place.Folder, UnixFileMode.None);
            Fail(place, reference, "forbidden", Unprivileged);
            Allow(place.Folder, UnixFileMode.UserWrite);
            Finish(place, reference, "forbidden");
        }
    }

    private static void Allow(string folder, UnixFileMode more)
    {
        const UnixFileMode Read = UnixFileMode.UserRead | UnixFileMode.UserExecute;
        foreach (var path in Directory.GetDirectories(folder, "*", SearchOption.AllDirectories).Append(folder)) File.SetUnixFileMode(path, Read | more);
    }

    private (Tree Reference, long Need) Measure()
    {
        using var place = Fresh();
        var before = place.Used;
        var result = tool.Run(scenario.Environment(place.Folder), scenario.Arguments(place.Folder));
        if (result.Code != 0) throw new InvalidOperationException($"{scenario.Name} ended with {result.Code}: {result.Text}");
        var reference = Tree.Of(place.Folder);
        if (scenario.CheckDone(place.Folder, reference) is { } wrong) throw new InvalidOperationException($"{scenario.Name}: {wrong}");
        return (reference, place.Used - before);
    }

    private LittlePlace Fresh()
    {
        var place = new LittlePlace();
        scenario.Prepare(place.Folder);
        return place;
    }

    private void Fail(LittlePlace place, Tree reference, string what, string[] under)
    {
        report.Stopped(scenario.Name);
        var result = tool.Run(scenario.Environment(place.Folder), scenario.Arguments(place.Folder), under);
        var said = result.Text.TrimEnd().Split('\n')[^1];
        // There may have been room enough.
        if (result.Code == 0 && KillRun.Try(() => scenario.CheckDone(place.Folder, reference)) is null) return;
        if (result.Code != 1) report.Fault(scenario.Name, $"ended with {result.Code}: {said}", [what]);
        else if (!result.Text.Contains(place.Folder, StringComparison.Ordinal)) report.Fault(scenario.Name, $"the message doesn't name the place: {said}", [what]);
        if (KillRun.Try(() => scenario.CheckStopped(place.Folder, reference, result.Text)) is { } wrong) report.Fault(scenario.Name, wrong, [what]);
    }

    private void Finish(LittlePlace place, Tree reference, string what)
    {
        if (scenario.IsDone(place.Folder)) return;
        var result = tool.Run(scenario.Environment(place.Folder), scenario.Arguments(place.Folder));
        if (result.Code != 0) report.Fault(scenario.Name, $"can't go on, ended with {result.Code}: {result.Text.TrimEnd().Split('\n')[^1]}", [what]);
        else if (KillRun.Try(() => scenario.CheckDone(place.Folder, reference)) is { } wrong) report.Fault(scenario.Name, $"in the end {wrong}", [what]);
    }
}
