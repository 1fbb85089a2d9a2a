using System.Globalization;
using System.Text;
using System.Text.Json;

namespace AltClip.Benchmarks;

/// <summary>One batch's results.</summary>
/// <param name="Title">The batch.</param>
/// <param name="Gflop">Its work, padding and all layers in full.</param>
/// <param name="PackedGflop">Its work as packed execution does it.</param>
/// <param name="Timings">Each contestant's times.</param>
/// <param name="WorstCosine">Of each precision's embeddings to packed float32's.</param>
internal sealed record WorkReport(
    string Title, double Gflop, double PackedGflop, IReadOnlyList<Timing> Timings, IReadOnlyDictionary<string, double> WorstCosine);

/// <summary>All results of one run, as Markdown and as JSON.</summary>
internal sealed record InferenceReport
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    public required string Processor { get; init; }

    public required string Instructions { get; init; }

    public required int Threads { get; init; }

    public required string Libraries { get; init; }

    public required string[] Peers { get; init; }

    public required ProductRate[] Products { get; init; }

    /// <summary>How many times faster a packed float32 product is than a plain one.</summary>
    public required double PackedOverPlain { get; init; }

    public List<WorkReport> Works { get; } = [];

    public List<StartupProbe> Startups { get; } = [];

    public List<ReferenceQuality> Quality { get; } = [];

    public List<Endurance> Endurance { get; } = [];

    /// <summary>Prints the Markdown, and writes both files where a folder is given.</summary>
    public void Write(string? folder)
    {
        var markdown = Markdown();
        Console.WriteLine(markdown);
        if (folder is null) return;
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "inference.md"), markdown);
        File.WriteAllText(Path.Combine(folder, "inference.json"), JsonSerializer.Serialize(this, Json));
    }

    private string Markdown()
    {
        var text = new StringBuilder();
        void Line(FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture));
        Line($"# Inference");
        Line($"");
        Line($"{Processor} ({Instructions}), {Threads} threads; {Libraries}.");
        Line($"A packed float32 product is {PackedOverPlain:f2}x as fast as a plain one.");
        Line($"Peers in this run: {(Peers.Length == 0 ? "none" : string.Join(", ", Peers))}.");
        Line($"Times are milliseconds: the least and the median of turns taken by all in one process. How many times faster one is than another is");
        Line($"the median of the rounds, in each of which both ran within seconds: a machine that is shared gets faster and slower meanwhile.");
        foreach (var work in Works) Section(work, Line);
        Line($"");
        Line($"## Products by themselves");
        Line($"");
        Line($"| precision | 257x1024x4096, GFLOP/s | 257x4096x1024, GFLOP/s |");
        Line($"| --- | ---: | ---: |");
        foreach (var product in Products) Line($"| {product.Precision} | {product.Widen:f0} | {product.Narrow:f0} |");
        Line($"");
        Line($"## A process's start");
        Line($"");
        Line($"| tower | precision | first embedding after, ms | of these loading and packing | resident, MB | of these .NET and libtorch | without those, part of the weights |");
        Line($"| --- | --- | ---: | ---: | ---: | ---: | ---: |");
        foreach (var s in Startups)
        {
            Line($"| {s.Tower} | {s.Precision} | {s.FirstEmbedding:f0} | {s.Load:f0} | {s.ResidentBytes >> 20} | {s.RuntimeBytes >> 20} | {(double)(s.ResidentBytes - s.RuntimeBytes) / s.WeightBytes:f2} |");
        }
        if (Quality.Count > 0) OnReference(Line);
        return text.ToString();
    }

    private void OnReference(Action<FormattableString> line)
    {
        line($"");
        line($"## Quality on the full-size reference");
        line($"");
        line($"| precision | worst cosine, texts | worst cosine, pictures | greatest difference |");
        line($"| --- | ---: | ---: | ---: |");
        foreach (var q in Quality) line($"| {q.Precision} | {q.Text:f5} | {q.Image:f5} | {q.Difference:e1} |");
        line($"");
        line($"## Calls of a small model");
        line($"");
        line($"| precision | calls | live tensors before, after | resident before, after, MB | more |");
        line($"| --- | ---: | ---: | ---: | ---: |");
        foreach (var e in Endurance)
        {
            var (before, after) = (e.ResidentBefore / 1048576.0, e.ResidentAfter / 1048576.0);
            line($"| {e.Precision} | {e.Calls} | {e.TensorsBefore}, {e.TensorsAfter} | {before:f0}, {after:f0} | {after / before - 1:p1} |");
        }
    }

    private void Section(WorkReport work, Action<FormattableString> line)
    {
        string[] candidates = [TowerWork.Transformers, TowerWork.Plain, TowerWork.OnnxFloat32, TowerWork.OnnxInt8];
        var peers = candidates.SelectMany(name => work.Timings.Where(timing => timing.Name == name)).ToArray();
        line($"");
        line($"## {work.Title}");
        line($"");
        line($"| | least | median | GFLOP/s | of its product | {string.Join(" | ", peers.Select(peer => $"vs {peer.Name}"))} | worst cosine |");
        line($"| --- | ---: | ---: | ---: | ---: | {string.Join(" | ", peers.Select(_ => "---:"))} | ---: |");
        foreach (var timing in work.Timings)
        {
            var product = Products.FirstOrDefault(product => TowerWork.Packed(Enum.Parse<InferencePrecision>(product.Precision)) == timing.Name);
            var rate = (product is null ? work.Gflop : work.PackedGflop) / timing.Least * 1000;
            var share = product is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{rate / product.Best:p0}");
            var ratios = string.Join(" | ", peers.Select(peer => string.Create(CultureInfo.InvariantCulture, $"{timing.Over(peer):f2}x")));
            var cosine = product is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{work.WorstCosine[product.Precision]:f5}");
            line($"| {timing.Name} | {timing.Least:f1} | {timing.Median:f1} | {rate:f0} | {share} | {ratios} | {cosine} |");
        }
    }
}
