using System.Globalization;
using AltClip.Native;

namespace AltClip.Benchmarks;

/// <summary>
/// Times a training step in every way beside transformers' own operations, in turns in one process, and its peak memory, each in a process
/// of its own.
/// </summary>
internal static class TrainingBenchmark
{
    public const string MemoryProbe = "train-memory";

    internal static void Run(string[] args)
    {
        var arguments = BenchmarkArguments.Parse(args);
        TorchRuntime.EnsureLoaded();
        Console.WriteLine($"{Machine.Processor} ({Machine.Instructions}), {TorchSharp.torch.get_num_threads()} threads");
        var times = new Dictionary<string, List<double>>();
        using (var work = new TrainingWork(arguments.Peers))
        {
            foreach (var name in work.Names) work.Step(name); // libtorch warms up
            for (var round = 0; round < arguments.Rounds; round++)
            {
                foreach (var name in work.Names)
                {
                    if (!times.TryGetValue(name, out var turns)) times[name] = turns = [];
                    turns.Add(work.Step(name));
                }
            }
        }
        var peaks = OperatingSystem.IsLinux() ? times.Keys.ToDictionary(name => name, name => PeakOfChild(name, arguments.Peers)) : [];
        Print(times, peaks);
    }

    /// <summary>Prints a table, with columns beside transformers where they were timed.</summary>
    private static void Print(Dictionary<string, List<double>> times, Dictionary<string, double> peaks)
    {
        var columns = new List<(string Title, Func<string, string> Cell)>
        {
            ($"a step, B={TrainingWork.Pairs}", name => name),
            ("least ms", name => $"{times[name].Min():f0}"),
            ("median ms", name => $"{times[name].Order().ElementAt(times[name].Count / 2):f0}"),
        };
        if (times.TryGetValue(TrainingWork.Peer, out var peer)) columns.Add(("over transformers", name => $"{peer.Min() / times[name].Min():f2}x"));
        if (peaks.Count > 0) columns.Add(("peak MB", name => $"{peaks[name]:f0}"));
        if (peaks.TryGetValue(TrainingWork.Peer, out var peerPeak)) columns.Add(("of transformers", name => $"{peaks[name] / peerPeak:p0}"));
        void Row(Func<(string Title, Func<string, string> Cell), string> cell) => Console.WriteLine($"| {string.Join(" | ", columns.Select(cell))} |");
        Row(column => column.Title);
        Row(_ => "---");
        foreach (var name in times.Keys) Row(column => column.Cell(name));
    }

    /// <summary>The work of the started process: the way, and the peers' folder if there is one.</summary>
    internal static void RunChild(string[] args)
    {
        TorchRuntime.EnsureLoaded();
        using var work = new TrainingWork(args.Length > 1 ? args[1] : null);
        work.Steps(args[0], 2);
        var peak = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        Console.WriteLine(peak.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);
    }

    private static double PeakOfChild(string name, string? peers)
    {
        string[] arguments = peers is null ? [MemoryProbe, name] : [MemoryProbe, name, peers];
        return double.Parse(ChildProcess.Run(arguments), CultureInfo.InvariantCulture) / 1000;
    }
}
