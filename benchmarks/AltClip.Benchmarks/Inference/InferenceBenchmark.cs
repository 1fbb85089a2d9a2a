using AltClip.Inference;
using AltClip.Native;
using Microsoft.ML.OnnxRuntime;
using TorchSharp;
using static TorchSharp.torch;

namespace AltClip.Benchmarks;

/// <summary>
/// Times packed execution in every precision beside the plain module and, where their files are, transformers' own operations on this
/// libtorch and ONNX Runtime, all in one process and in turns.
/// </summary>
internal static class InferenceBenchmark
{
    private static readonly InferencePrecision[] Precisions = Enum.GetValues<InferencePrecision>();

    internal static void Run(string[] args)
    {
        var arguments = BenchmarkArguments.Parse(args);
        TorchRuntime.EnsureLoaded();
        using var noGrad = no_grad();
        var report = new InferenceReport
        {
            Processor = Machine.Processor,
            Instructions = $"{Machine.Kind}: {Machine.Instructions}",
            Threads = get_num_threads(),
            Libraries = $"TorchSharp {typeof(torch).Assembly.GetName().Version?.ToString(3)}, ONNX Runtime {OrtEnv.Instance().GetVersionString()}",
            Peers = arguments.Peers is null ? [] : ["transformers (traces)", "ONNX Runtime float32", "ONNX Runtime int8"],
            Products = [.. Precisions.Select(ProductRate.Measure)],
            PackedOverPlain = ProductRate.PackedOverPlain(),
        };
        foreach (var tower in new[] { "image", "text" })
        {
            if (arguments.Only is null || arguments.Only == tower) Tower(tower, arguments, report);
        }
        if (arguments.Only is null or "reference" && arguments.Reference is { } reference)
        {
            report.Quality.AddRange(ReferenceQuality.Measure(reference));
            report.Endurance.AddRange(Endurance.Measure(reference));
        }
        report.Write(arguments.Report);
    }

    private static void Tower(string tower, BenchmarkArguments arguments, InferenceReport report)
    {
        using var model = BenchmarkModels.Build(tower);
        var towers = tower == "image" ? InferenceTowers.Image : InferenceTowers.Text;
        var packed = Precisions.ToDictionary(p => p, p => model.ForInference(new() { Precision = p, Towers = towers }));
        using var trace = arguments.Peers is null ? null : new TracedPeer(arguments.Peers, tower, model);
        using var onnx = arguments.Peers is null ? null : OnnxPeer.Float32(arguments.Peers, tower, get_num_threads());
        using var onnxInt8 = arguments.Peers is null ? null : OnnxPeer.Int8(arguments.Peers, tower, get_num_threads());
        var peers = new TowerPeers(model, packed, trace, onnx, onnxInt8);
        var works = tower == "image" ? ImageWorks() : TextWorks();
        foreach (var work in works)
        {
            using (work)
            {
                report.Works.Add(new WorkReport(
                    work.Title, work.Gflop, work.PackedGflop, Contest.Run(work.Title, [.. work.Contestants(peers)], arguments.Rounds),
                    Quality(work, packed)));
            }
        }
        foreach (var inference in packed.Values) inference.Dispose();
        report.Startups.AddRange(StartupProbe.Measure(model, towers));
    }

    private static IEnumerable<TowerWork> ImageWorks() => new[] { 1, 8 }.Select(pictures => new ImageWork(pictures));

    private static IEnumerable<TowerWork> TextWorks() =>
    [
        new TextWork("text B=1 L=16", [16]), new TextWork("text B=32 L=32", [.. Enumerable.Repeat(32, 32)]),
        new TextWork("text B=32, captions of 6 to 40 tokens", CaptionLengths()),
    ];

    /// <summary>Lengths in tokens as captions of photos have them: most are short, a few are long.</summary>
    private static int[] CaptionLengths()
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, 32).Select(i => i == 0 ? 40 : 6 + (int)(34 * Math.Pow(random.NextDouble(), 2.5)))];
    }

    /// <summary>The worst cosine of each precision's embeddings to those of the model.</summary>
    private static Dictionary<string, double> Quality(TowerWork work, Dictionary<InferencePrecision, AltCLIPInference> packed)
    {
        using var scope = NewDisposeScope();
        var expected = work.Embed(packed[InferencePrecision.Float32]);
        return packed.ToDictionary(
            pair => pair.Key.ToString(),
            pair => (double)nn.functional.cosine_similarity(expected, work.Embed(pair.Value), 1).min().item<float>());
    }
}

/// <summary>Everything that can do a tower's work; what is null isn't there.</summary>
internal sealed record TowerPeers(
    AltCLIPModel Model, Dictionary<InferencePrecision, AltCLIPInference> Packed, TracedPeer? Trace, OnnxPeer? Onnx, OnnxPeer? OnnxInt8);
