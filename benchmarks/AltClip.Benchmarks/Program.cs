using AltClip.Benchmarks;

var benchmarks = new Dictionary<string, Action<string[]>>
{
    ["data"] = rest => DataBenchmark.Run(Path.Combine(rest[0], "images"), Console.Out),
    ["images"] = rest => ImagesBenchmark.Run(Path.Combine(rest[0], "images"), Console.Out),
    ["tokenizer"] = rest => TokenizerBenchmark.Run(Path.Combine(rest[0], "tokenizer"), Console.Out),
    ["inference"] = InferenceBenchmark.Run,
    ["kernels"] = KernelsBenchmark.Run,
    ["search"] = SearchBenchmark.Run,
    ["train"] = TrainingBenchmark.Run,
    [TrainingBenchmark.MemoryProbe] = TrainingBenchmark.RunChild,
    [StartupProbe.Name] = StartupProbe.RunChild,
};

args = [.. args.Where(argument => argument != Effort.QuickOption)];
if (args.Length == 0 || !benchmarks.TryGetValue(args[0], out var run))
{
    Console.Error.WriteLine("""
        usage: AltClip.Benchmarks tokenizer FOLDER (the reference data: tests/data)
               AltClip.Benchmarks images FOLDER
               AltClip.Benchmarks inference [--peers FOLDER] [--reference FOLDER] [--report FOLDER] [--rounds N] [--only image|text|reference]
               AltClip.Benchmarks kernels [--report FOLDER] [--rounds N] [--only image|text]
               AltClip.Benchmarks data FOLDER
               AltClip.Benchmarks search CONNECTION COUNT,COUNT,… DIMENSIONS (a store of its own: bench.duckdb, or Host=…)
               AltClip.Benchmarks train [--peers FOLDER] [--rounds N]
        With --quick, each does the least that shows that it runs; its timings mean nothing.
        """);
    return 2;
}
run(args[1..]);
return 0;
