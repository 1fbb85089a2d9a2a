using AltClip.Inference.Calibration;
using AltClip.Inference.Kernels;
using AltClip.Modeling.Vision;
using AltClip.Shared;
using static TorchSharp.torch;

namespace AltClip.Inference;

/// <summary>The packed image encoder with its embeddings.</summary>
internal sealed class VisionTower : IDisposable
{
    private readonly IEncoder _encoder;
    private readonly Device _device;
    private readonly AltCLIPVisionConfig _config;
    private readonly AltCLIPVisionTransformer _source;
    private readonly Tensor _patch;
    private readonly Tensor _classRow;
    private readonly Tensor _positions;

    /// <summary>Packs a model's image encoder, whose layers are disposed then if <paramref name="release"/> is set.</summary>
    public VisionTower(AltCLIPModel model, EncoderCandidate choice, bool release, EncoderCalibration? calibration = null)
    {
        Kernel = choice.Kernel.Name;
        _device = model.logit_scale.device;
        _config = model.Config.VisionConfig;
        _source = model.vision_model;
        using var scope = NewDisposeScope();
        _encoder = choice.Kernel.Pack(EncoderSpec.Image(model) with { Calibration = calibration }, choice.Precision, _device, release);
        var embeddings = _source.embeddings;
        var positions = embeddings.position_embedding.weight!;
        _patch = embeddings.patch_embedding.weight!.detach().flatten(1).to(_encoder.DType, _device, copy: true).DetachFromDisposeScope();
        _classRow = embeddings.class_embedding.Plus(positions[0]).detach().to(_encoder.DType, _device).DetachFromDisposeScope();
        _positions = positions[1..].detach().to(float32, _device, copy: true).DetachFromDisposeScope();
    }

    /// <summary>The name of what runs it.</summary>
    public string Kernel { get; }

    /// <summary>What its products compute in.</summary>
    public InferencePrecision Precision => _encoder.Precision;

    /// <summary>Whether products take their inputs as was measured.</summary>
    public bool IsCalibrated => _encoder.IsCalibrated;

    /// <summary>Refuses pictures as the model does.</summary>
    public void Validate(Tensor pixel_values, bool interpolate_pos_encoding) => _source.Validate(pixel_values, interpolate_pos_encoding);

    /// <summary>Embeddings [pictures, projection_dim] of pictures already checked.</summary>
    public Tensor Encode(Tensor pixel_values)
    {
        using var scope = NewDisposeScope();
        var pictures = pixel_values.shape[0];
        var blocks = new List<Tensor>();
        for (long start = 0; start < pictures; start += _encoder.PicturesAtOnce)
            blocks.Add(EncodeBlock(pixel_values.narrow(0, start, Math.Min(_encoder.PicturesAtOnce, pictures - start))));
        return scope.MoveToOuter(blocks.Count == 1 ? blocks[0] : cat(blocks));
    }

    public void Dispose()
    {
        _encoder.Dispose();
        foreach (var tensor in (Tensor[])[_patch, _classRow, _positions]) tensor.Dispose();
    }

    private Tensor EncodeBlock(Tensor pixels)
    {
        using var scope = NewDisposeScope();
        var (pictures, height, width) = (pixels.shape[0], pixels.shape[2] / _config.PatchSize, pixels.shape[3] / _config.PatchSize);
        var patches = nn.functional.linear(Patches(pixels, height, width), _patch).view(pictures, height * width, -1);
        var embedded = cat([_classRow.expand(pictures, 1, -1), patches.Plus_(Positions(height, width))], 1);
        return scope.MoveToOuter(_encoder.Encode(embedded.flatten(0, 1), [pictures, height * width + 1], null));
    }

    /// <summary>Cuts pictures into patches: [pictures * height * width, channels * patch_size * patch_size]; what is left over is dropped.</summary>
    private Tensor Patches(Tensor pixels, long height, long width)
    {
        using var scope = NewDisposeScope();
        var side = _config.PatchSize;
        var whole = pixels.ToDevice(_device).to(_encoder.DType)[.., .., ..(int)(height * side), ..(int)(width * side)];
        var cut = whole.reshape(pixels.shape[0], pixels.shape[1], height, side, width, side).permute(0, 2, 4, 1, 3, 5);
        return scope.MoveToOuter(cut.reshape(pixels.shape[0] * height * width, -1));
    }

    private Tensor Positions(long height, long width)
    {
        var side = _config.ImageSize / _config.PatchSize;
        return height == side && width == side ? _positions : AltCLIPVisionEmbeddings.Resized(_positions, side, height, width);
    }
}
