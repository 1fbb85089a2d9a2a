using AltClip.Native;

namespace AltClip.Extensions;

/// <summary>What <c>AddAltClip</c> loads and how it computes. All of it can be bound from configuration.</summary>
public sealed class AltClipOptions
{
    private int? _textBatchSize, _imageBatchSize;

    /// <summary>A model folder, or an id of the Hugging Face Hub such as <c>BAAI/AltCLIP</c>.</summary>
    public string Model { get; set; } = "";

    /// <summary>
    /// What embeddings, traces and metrics call the model; null for <see cref="Model"/> itself, of a folder its last part.
    /// </summary>
    public string? ModelId { get; set; }

    /// <summary>
    /// A low-rank adapter that is put into the model's weights, of Python's <c>peft</c> or this library: a folder, or an id of the Hugging Face Hub; null for
    /// none.
    /// </summary>
    public string? Adapter { get; set; }

    /// <summary>The precision of the products. Default: float32, transformers' numbers.</summary>
    public InferencePrecision Precision { get; set; }

    /// <summary>Where the model goes, as PyTorch writes it: <c>cpu</c> (the default), <c>cuda</c>, <c>cuda:1</c>, <c>mps</c>.</summary>
    public string Device { get; set; } = "cpu";

    /// <summary>
    /// Whether the model is loaded while the host starts, which fails if it can't be. If not, the first call that needs it loads it.
    /// </summary>
    public bool LoadOnStart { get; set; } = true;

    /// <summary>The most texts that are computed at once. Default: 64, and 256 on a device other than the CPU.</summary>
    public int TextBatchSize
    {
        get => _textBatchSize ?? (IsOnCpu ? 64 : 256);
        set => _textBatchSize = value;
    }

    /// <summary>The most pictures that are computed at once. Default: 8, and 128 on a device other than the CPU.</summary>
    public int ImageBatchSize
    {
        get => _imageBatchSize ?? (IsOnCpu ? 8 : 128);
        set => _imageBatchSize = value;
    }

    /// <summary>How calls that come at the same time are joined.</summary>
    public AltClipBatchingOptions Batching { get; set; } = new();

    // Without loading libtorch, which knows devices.
    private bool IsOnCpu => string.Equals(Device, "cpu", StringComparison.OrdinalIgnoreCase);

    internal string Name => ModelId ?? (Directory.Exists(Model) ? new DirectoryInfo(Model).Name : Model);

    internal AltCLIPPipeline Load() => AltCLIPPipeline.FromPretrained(Model, new AltCLIPPipelineOptions
    {
        Precision = Precision,
        Adapter = Adapter,
        Device = TorchDevices.Get(Device),
        TextBatchSize = TextBatchSize,
        ImageBatchSize = ImageBatchSize,
    });
}
