using System.Diagnostics;

namespace AltClip.Fuzz;

/// <summary>Tries inputs of all readers in turn, a moment of each, and keeps those that break something.</summary>
internal sealed class FuzzRun(FuzzArguments arguments, IReadOnlyList<FuzzTarget> targets)
{
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(200);

    private readonly Counts[] _counts = [.. targets.Select(_ => new Counts())];
    private readonly Dictionary<string, (int Count, string First)> _kinds = [];

    public int Findings => _kinds.Count;

    public void Go()
    {
        using var watch = new Watch(arguments.Output);
        if (arguments.Only is { } only)
        {
            Try(0, only, watch);
            return;
        }
        var time = Stopwatch.StartNew();
        while (time.Elapsed.TotalSeconds < arguments.Seconds)
        {
            for (var target = 0; target < targets.Count; target++)
            {
                var end = time.Elapsed + Turn;
                do Try(target, _counts[target].Tried, watch);
                while (time.Elapsed < end);
            }
        }
    }

    public void Report(TextWriter output)
    {
        foreach (var (target, counts) in targets.Zip(_counts))
            output.WriteLine($"{target.Name,-18} {counts.Tried,9} tried  {counts.Read,9} read  {counts.Refused,9} refused  slowest {counts.Slowest,5:0.00} s  most {counts.Most / 1e6,5:0} MB");
        output.WriteLine($"{_counts.Sum(counts => counts.Tried)} inputs of seed {arguments.Seed}, {_kinds.Count} kinds of findings.");
        foreach (var (kind, (count, first)) in _kinds.OrderByDescending(kind => kind.Value.Count))
            output.WriteLine($"  {count} x {kind}\n      first: {first}");
    }

    private void Try(int place, long number, Watch watch)
    {
        var (target, counts) = (targets[place], _counts[place]);
        using var input = new FuzzInput(target, new Random(HashCode(arguments.Seed, number)));
        counts.Tried++;
        watch.Begin(input, $"{target.Name}-{arguments.Seed}-{number}");
        Exception? error = null;
        try
        {
            target.Read(input.Folder);
            counts.Read++;
        }
        catch (Exception e)
        {
            error = e;
            counts.Refused++;
        }
        var used = watch.End();
        counts.Slowest = Math.Max(counts.Slowest, used.Seconds);
        counts.Most = Math.Max(counts.Most, used.Bytes);
        if (Verdict.Of(error, input, used) is { } kind) Keep(kind, number, input, error);
    }

    private void Keep(string kind, long number, FuzzInput input, Exception? error)
    {
        var first = $"--target {input.Target.Name} --only {number}, {input.Changed} of {input.Origin}: {error?.Message}";
        var before = _kinds.GetValueOrDefault(kind, (Count: 0, First: first));
        _kinds[kind] = (before.Count + 1, before.First);
        if (before.Count > 0) return;
        var kept = Path.Combine(arguments.Output, $"{input.Target.Name}-{arguments.Seed}-{number}");
        FolderCopy.Copy(input.Folder, kept);
        File.WriteAllText(Path.Combine(kept, "finding.txt"), $"{kind}\n{first}\n{error}\n");
    }

    // HashCode of .NET differs from run to run.
    private static int HashCode(int seed, long number) => unchecked((int)((((ulong)(uint)seed << 40) ^ (ulong)number) * 0x9E3779B97F4A7C15 >> 32));

    private sealed class Counts
    {
        public long Tried, Read, Refused, Most;
        public double Slowest;
    }
}
