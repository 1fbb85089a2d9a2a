using System.Diagnostics;

namespace AltClip.Benchmarks;

/// <summary>One way to do a piece of work.</summary>
/// <param name="Name">As it stands in the table.</param>
/// <param name="Run">Does it once and frees the result.</param>
internal sealed record Contestant(string Name, Action Run);

/// <summary>How long a contestant took.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Least">The least of all rounds, in milliseconds.</param>
/// <param name="Median">The median of all rounds, in milliseconds.</param>
/// <param name="Disturbed">In how many rounds other processes used the machine although it was tried again.</param>
/// <param name="Rounds">What each round took, in milliseconds.</param>
internal sealed record Timing(string Name, double Least, double Median, int Disturbed, IReadOnlyList<double> Rounds)
{
    /// <summary>How many times faster this is than another: the median of the rounds, in each of which both ran within seconds.</summary>
    public double Over(Timing other)
    {
        var ratios = Rounds.Zip(other.Rounds, (own, others) => others / own).Order().ToList();
        return (ratios[(ratios.Count - 1) / 2] + ratios[ratios.Count / 2]) / 2;
    }
}

/// <summary>
/// Times several ways to do the same work in turns, so that whatever slows the machine for a while slows all of them. A turn during which
/// other processes were busy is repeated.
/// </summary>
internal static class Contest
{
    private static readonly int MostTries = Effort.Of(3, quick: 1);
    private const double AllowedOthers = 0.03;
    private static readonly TimeSpan LeastTurn = Effort.Of(TimeSpan.FromMilliseconds(250), quick: TimeSpan.Zero);
    private static readonly TimeSpan SlowEnough = TimeSpan.FromSeconds(2);

    public static IReadOnlyList<Timing> Run(string title, IReadOnlyList<Contestant> contestants, int rounds)
    {
        Console.WriteLine(title);
        var repeats = contestants.Select(Repeats).ToArray();
        var turns = contestants.Select(_ => new List<(double Milliseconds, bool Disturbed)>()).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < contestants.Count; i++) turns[i].Add(QuietTurn(contestants[i], repeats[i]));
        }
        var timings = contestants.Select((contestant, i) => Summary(contestant.Name, turns[i])).ToList();
        foreach (var timing in timings) Console.WriteLine($"  {timing.Name,-28} {timing.Least,9:f1} {timing.Median,9:f1}  {timing.Disturbed}");
        return timings;
    }

    private static Timing Summary(string name, List<(double Milliseconds, bool Disturbed)> turns)
    {
        var quiet = turns.Any(turn => !turn.Disturbed) ? turns.Where(turn => !turn.Disturbed).ToList() : turns;
        var times = quiet.Select(turn => turn.Milliseconds).Order().ToList();
        return new Timing(
            name, times[0], times[times.Count / 2], turns.Count(turn => turn.Disturbed), [.. turns.Select(turn => turn.Milliseconds)]);
    }

    /// <summary>
    /// Warms up (the first calls compile and take their memory), then says how often to run for one turn to be long enough to measure.
    /// </summary>
    private static int Repeats(Contestant contestant)
    {
        var first = Stopwatch.GetTimestamp();
        contestant.Run();
        if (Stopwatch.GetElapsedTime(first) > SlowEnough) return 1;
        contestant.Run();
        var start = Stopwatch.GetTimestamp();
        contestant.Run();
        return Math.Max(1, (int)Math.Ceiling(LeastTurn / Stopwatch.GetElapsedTime(start)));
    }

    private static (double Milliseconds, bool Disturbed) QuietTurn(Contestant contestant, int repeats)
    {
        var best = (Milliseconds: double.MaxValue, Disturbed: true);
        for (var tries = 0; tries < MostTries && best.Disturbed; tries++)
        {
            Thread.Sleep(30); // the threads of the one before stop waiting for work
            var others = Machine.OthersSeconds();
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < repeats; i++) contestant.Run();
            var elapsed = Stopwatch.GetElapsedTime(start);
            var share = (Machine.OthersSeconds() - others) / elapsed.TotalSeconds / Environment.ProcessorCount;
            var turn = (elapsed.TotalMilliseconds / repeats, share > AllowedOthers);
            if (!turn.Item2 || turn.Item1 < best.Milliseconds) best = turn;
        }
        return best;
    }
}
