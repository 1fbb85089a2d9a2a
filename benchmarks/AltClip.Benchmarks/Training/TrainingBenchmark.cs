using System.Diagnostics;
using System.Globalization;

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
        Console.WriteLine("| a step, B=32 | least ms | median ms | over transformers | peak MB | of transformers |\n| --- | --- | --- | --- | --- | --- |");
        var peerTime = times.TryGetValue(TrainingWork.Peer, out var peerTurns) ? peerTurns.Min() : double.NaN;
        var peerPeak = double.NaN;
        foreach (var (name, turns) in times)
        {
            var peak = PeakOfChild(name, arguments.Peers);
            if (name == TrainingWork.Peer) peerPeak = peak;
            Console.WriteLine($"| {name} | {turns.Min():f0} | {turns.Order().ElementAt(turns.Count / 2):f0} | {peerTime / turns.Min():f2}x | {peak:f0} | {peak / peerPeak:p0} |");
        }
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
        if (!OperatingSystem.IsLinux()) return double.NaN;
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet") start.ArgumentList.Add(typeof(TrainingBenchmark).Assembly.Location);
        foreach (var argument in new[] { MemoryProbe, name, peers }.OfType<string>()) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"The process for {name} ended with {process.ExitCode}.");
        return double.Parse(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1], CultureInfo.InvariantCulture) / 1000;
    }
}
