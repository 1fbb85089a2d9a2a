using Microsoft.ML.OnnxRuntime;
using static TorchSharp.torch;

namespace AltClip.Benchmarks;

/// <summary>A batch to embed.</summary>
internal abstract class TowerWork(string title, double gflop, double packedGflop) : IDisposable
{
    private OrtValue[]? _onnxInputs;

    public const string Transformers = "transformers float32";
    public const string Plain = "AltCLIPModel float32";
    public const string OnnxFloat32 = "ONNX Runtime float32";
    public const string OnnxInt8 = "ONNX Runtime int8";

    public string Title { get; } = title;

    /// <summary>Of all tokens and layers, padding too.</summary>
    public double Gflop { get; } = gflop;

    /// <summary>Of what packed execution computes.</summary>
    public double PackedGflop { get; } = packedGflop;

    protected abstract Tensor[] Inputs { get; }

    public static string Packed(InferencePrecision precision) => $"packed {precision}";

    public IEnumerable<Contestant> Contestants(TowerPeers peers)
    {
        if (peers.Trace is { } trace) yield return new(Transformers, () => trace.Run(Inputs).Dispose());
        yield return new(Plain, () => Embed(peers.Model).Dispose());
        if (peers.Onnx is { } onnx) yield return new(OnnxFloat32, () => onnx.Run(_onnxInputs ??= MakeOnnxInputs()));
        if (peers.OnnxInt8 is { } onnxInt8) yield return new(OnnxInt8, () => onnxInt8.Run(_onnxInputs ??= MakeOnnxInputs()));
        foreach (var (precision, packed) in peers.Packed) yield return new(Packed(precision), () => Embed(packed).Dispose());
        foreach (var more in More(peers)) yield return more;
    }

    public abstract Tensor Embed(AltCLIPInference packed);

    public void Dispose()
    {
        foreach (var input in (IDisposable[])[.. Inputs, .. _onnxInputs ?? []]) input.Dispose();
    }

    protected abstract Tensor Embed(AltCLIPModel model);

    protected abstract OrtValue[] MakeOnnxInputs();

    protected virtual IEnumerable<Contestant> More(TowerPeers peers) => [];
}

/// <summary>Pictures of the model's own size.</summary>
internal sealed class ImageWork(int pictures) : TowerWork(
    $"image B={pictures}", pictures * Gflops.All(257), pictures * Gflops.ClassRowLast(257))
{
    private readonly Tensor _pixels = randn(pictures, 3, 224, 224);

    protected override Tensor[] Inputs => [_pixels];

    public override Tensor Embed(AltCLIPInference packed) => packed.get_image_features(_pixels);

    protected override Tensor Embed(AltCLIPModel model) => model.get_image_features(_pixels);

    protected override OrtValue[] MakeOnnxInputs() => [OnnxPeer.Value(_pixels.data<float>().ToArray(), _pixels.shape)];
}

/// <summary>Texts padded to the longest.</summary>
internal sealed class TextWork : TowerWork
{
    private readonly bool _mixed;
    private readonly Tensor _ids;
    private readonly Tensor _mask;

    public TextWork(string title, int[] lengths) : base(title, lengths.Length * Gflops.All(lengths.Max()), lengths.Sum(length => Gflops.ClassRowLast(length)))
    {
        _mixed = lengths.Distinct().Count() > 1;
        using var scope = NewDisposeScope();
        _mask = (arange(lengths.Max()).unsqueeze(0) < tensor(lengths).unsqueeze(1)).to(int64);
        _ids = randint(5, BenchmarkModels.VocabSize, _mask.shape, dtype: int64) * _mask + (1 - _mask);
        scope.Detach(_mask, _ids);
    }

    protected override Tensor[] Inputs => [_ids, _mask];

    public override Tensor Embed(AltCLIPInference packed) => packed.get_text_features(_ids, _mask);

    protected override Tensor Embed(AltCLIPModel model) => model.get_text_features(_ids, _mask);

    protected override OrtValue[] MakeOnnxInputs() => [.. Inputs.Select(input => OnnxPeer.Value(input.data<long>().ToArray(), input.shape))];

    /// <summary>Without a mask padding is text like any other: what it would cost not to leave it out.</summary>
    protected override IEnumerable<Contestant> More(TowerPeers peers) => _mixed
        ? peers.Packed.Select(pair => new Contestant(Packed(pair.Key) + ", padded", () => pair.Value.get_text_features(_ids).Dispose()))
        : [];
}

/// <summary>Multiplications and additions of one sequence of the towers, in GFLOP.</summary>
internal static class Gflops
{
    private static double Width => BenchmarkModels.Width;

    private static double Layers => BenchmarkModels.Layers;

    public static double All(long tokens) => Layers * (24 * Width * Width * tokens + 4 * Width * tokens * tokens) / 1e9;

    /// <summary>With only keys and values of the last layer for all tokens, and everything else there for one.</summary>
    public static double ClassRowLast(long tokens) =>
        All(tokens) * (Layers - 1) / Layers + (4 * Width * Width * tokens + 20 * Width * Width + 4 * Width * tokens) / 1e9;
}
