using System.Diagnostics;

namespace AltClip.Fuzz;

/// <summary>Tries inputs one after the other and keeps those that break something.</summary>
internal sealed class FuzzRun(FuzzArguments arguments, IReadOnlyList<FuzzTarget> targets)
{
    private readonly Dictionary<string, Counts> _counts = targets.ToDictionary(target => target.Name, _ => new Counts());
    private readonly Dictionary<string, (int Count, string First)> _kinds = [];

    public int Findings => _kinds.Count;

    public void Go()
    {
        var work = Path.Combine(Path.GetTempPath(), $"altclip-fuzz-{Environment.ProcessId}");
        using var watch = new Watch(work, arguments.Output);
        var time = Stopwatch.StartNew();
        try
        {
            if (arguments.Only is { } only) Try(only, work, watch);
            else
                for (long number = 0; time.Elapsed.TotalSeconds < arguments.Seconds; number++) Try(number, work, watch);
        }
        finally
        {
            if (Directory.Exists(work)) Directory.Delete(work, recursive: true);
        }
    }

    public void Report(TextWriter output)
    {
        foreach (var (name, counts) in _counts)
            output.WriteLine($"{name,-12} {counts.Tried,7} tried  {counts.Read,7} read  {counts.Refused,7} refused  slowest {counts.Slowest,5:0.00} s  most {counts.Most / 1e6,5:0} MB");
        output.WriteLine($"{_counts.Values.Sum(counts => counts.Tried)} inputs of seed {arguments.Seed}, {_kinds.Count} kinds of findings.");
        foreach (var (kind, (count, first)) in _kinds.OrderByDescending(kind => kind.Value.Count))
            output.WriteLine($"  {count} x {kind}\n      first: {first}");
    }

    private void Try(long number, string work, Watch watch)
    {
        var random = new Random(HashCode(arguments.Seed, number));
        var target = targets[(int)(number % targets.Count)];
        var input = FuzzInput.Write(target, work, random);
        var counts = _counts[target.Name];
        counts.Tried++;
        watch.Begin($"{target.Name}-{arguments.Seed}-{number}");
        Exception? error = null;
        try
        {
            target.Read(work);
            counts.Read++;
        }
        catch (Exception e)
        {
            error = e;
        }
        var used = watch.End();
        counts.Slowest = Math.Max(counts.Slowest, used.Seconds);
        counts.Most = Math.Max(counts.Most, used.Bytes);
        if (error is not null) counts.Refused++;
        if (Verdict.Of(error, input, used, work) is { } kind) Keep(kind, number, input, error, work);
    }

    private void Keep(string kind, long number, FuzzInput input, Exception? error, string work)
    {
        var first = $"number {number}, {input.Changed} of {input.Origin}";
        var before = _kinds.GetValueOrDefault(kind, (Count: 0, First: first));
        _kinds[kind] = (before.Count + 1, before.First);
        if (before.Count > 0) return;
        var kept = Path.Combine(arguments.Output, $"{input.Target.Name}-{arguments.Seed}-{number}");
        FolderCopy.Copy(work, kept);
        File.WriteAllText(Path.Combine(kept, "finding.txt"), $"{kind}\n{first}\n{error}\n");
    }

    // HashCode of .NET differs from run to run.
    private static int HashCode(int seed, long number) => unchecked((int)((((ulong)(uint)seed << 40) ^ (ulong)number) * 0x9E3779B97F4A7C15 >> 32));

    private sealed class Counts
    {
        public int Tried, Read, Refused;
        public double Slowest;
        public long Most;
    }
}
