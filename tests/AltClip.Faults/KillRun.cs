using AltClip.Faults.Places;
using AltClip.Faults.Scenarios;

namespace AltClip.Faults;

/// <summary>
/// Kills a command again and again, at random moments and at exact ones, looks at what it left, and lets it come to its end now and then: each
/// run goes on from what the killed ones before it left.
/// </summary>
internal sealed class KillRun(Tool tool, Scenario scenario, IPlace place, Random random, FaultReport report)
{
    private const int KillsInARow = 5;

    private Tree _reference = new();
    private TimeSpan _start, _whole;
    private IReadOnlyList<SystemCall> _calls = [];

    /// <summary>Kills the command some times, at least once.</summary>
    public void Go(int kills)
    {
        FindOut();
        for (var done = 0; done < kills;)
        {
            Fresh();
            List<string> moments = [];
            for (var row = Math.Min(1 + random.Next(KillsInARow), kills - done); row > 0; row--)
            {
                var (result, moment) = Kill();
                moments.Add(moment);
                if (!result.WasKilled)
                {
                    report.Ended(scenario.Name);
                    if (result.Code != 0) report.Fault(scenario.Name, $"ended with {result.Code}: {Last(result.Text)}", moments);
                    break;
                }
                place.AfterKill();
                report.Stopped(scenario.Name);
                done++;
                if (Try(() => scenario.CheckStopped(place.Folder, _reference, place.KeepsWhatWasSaid ? result.Text : "")) is { } wrong)
                {
                    report.Fault(scenario.Name, wrong, moments);
                    break;
                }
                if (scenario.IsDone(place.Folder)) break;
            }
            if (!scenario.IsDone(place.Folder)) Finish(moments);
        }
    }

    /// <summary>Lets the command do its work undisturbed, and measures it.</summary>
    private void FindOut()
    {
        Fresh();
        var before = Tree.Entries(place.Folder);
        using (var process = tool.Start([], scenario.Environment(place.Folder), scenario.Arguments(place.Folder)))
        {
            _start = process.TimeUntil(() => Tree.Entries(place.Folder) != before);
            var result = process.Wait();
            if (result.Code != 0) throw new InvalidOperationException($"{scenario.Name} ended with {result.Code}: {result.Text}");
            _whole = result.Processor;
        }
        _reference = Tree.Of(place.Folder);
        if (scenario.CheckDone(place.Folder, _reference) is { } wrong) throw new InvalidOperationException($"{scenario.Name}: {wrong}");
        Fresh();
        _calls = SystemCalls.Of(tool, scenario.Environment(place.Folder), scenario.Arguments(place.Folder), place.Folder);
    }

    private void Fresh()
    {
        place.Clear();
        scenario.Prepare(place.Folder);
        place.Settle();
    }

    private (ToolResult Result, string Moment) Kill()
    {
        var (environment, arguments) = (scenario.Environment(place.Folder), scenario.Arguments(place.Folder));
        if (random.Next(2) == 0)
        {
            // Most of the time before its first file is .NET's.
            var moment = (_start * 0.9) + ((_whole - (_start * 0.9)) * random.NextDouble());
            using var process = tool.Start([], environment, arguments);
            return (process.KillAfter(moment), $"after {moment.TotalMilliseconds:0} ms");
        }
        var call = _calls[random.Next(_calls.Count)];
        using var traced = tool.Start(SystemCalls.KillAt(call), environment, arguments);
        return (traced.Wait(), $"at {call.Name} {call.Number}");
    }

    private void Finish(List<string> moments)
    {
        var result = tool.Run(scenario.Environment(place.Folder), scenario.Arguments(place.Folder));
        if (result.Code != 0) report.Fault(scenario.Name, $"can't go on, ended with {result.Code}: {Last(result.Text)}", moments);
        else if (Try(() => scenario.CheckDone(place.Folder, _reference)) is { } wrong) report.Fault(scenario.Name, $"in the end {wrong}", moments);
    }

    public static string? Try(Func<string?> check)
    {
        try
        {
            return check();
        }
        catch (Exception e)
        {
            return $"{e.GetType().Name}: {e.Message}";
        }
    }

    private static string Last(string text) => text.TrimEnd().Split('\n')[^1];
}
