using AltClip.Inference.Panels;
using AltClip.Modeling.Vision;
using static TorchSharp.torch;

namespace AltClip.Inference;

/// <summary>The image encoder with its projection, packed.</summary>
internal sealed class VisionTower : IDisposable
{
    private readonly EncoderKernels _kernels;
    private readonly long _blockSize;
    private readonly AltCLIPVisionConfig _config;
    private readonly AltCLIPVisionTransformer _source;
    private readonly PanelVisionEncoder? _panels;
    private readonly EncoderWeights? _layers;
    private readonly List<Tensor> _patch = [], _preNorm = [], _postNorm = [], _projection = [];
    private readonly Tensor _classRow;
    private readonly Tensor _positions;

    public VisionTower(AltCLIPModel model, EncoderKernels kernels, InferencePrecision precision, bool release)
    {
        _kernels = kernels;
        _config = model.Config.VisionConfig;
        _source = model.vision_model;
        using var scope = NewDisposeScope();
        var embeddings = _source.embeddings;
        kernels.AddProduct(_patch, embeddings.patch_embedding.weight!.flatten(1), null, quantized: false);
        kernels.AddNorm(_preNorm, _source.pre_layrnorm);
        kernels.AddNorm(_postNorm, _source.post_layernorm);
        kernels.AddProduct(_projection, model.visual_projection.weight!, null, quantized: false);
        var positions = embeddings.position_embedding.weight!;
        _classRow = kernels.Own(embeddings.class_embedding + positions[0]).DetachFromDisposeScope();
        _positions = positions[1..].detach().to(float32, kernels.Device, copy: true).DetachFromDisposeScope();
        _panels = PanelVisionEncoder.TryMake(model, precision, release);
        // As measured at full size: panels and float32 products of one picture's rows are as fast as those of more, and its states stay in
        // the cache; libtorch's narrower products are faster of several pictures' rows.
        _blockSize = _panels is not null || kernels.ScoreDType == ScalarType.Float32 ? 1 : 4;
        if (_panels is null) _layers = EncoderWeights.Of(_source.encoder, _config, kernels, release);
    }

    /// <summary>Refuses pictures as the model does.</summary>
    public void Validate(Tensor pixel_values, bool interpolate_pos_encoding) => _source.Validate(pixel_values, interpolate_pos_encoding);

    /// <summary>Embeddings [pictures, projection_dim] of pictures already checked.</summary>
    public Tensor Encode(Tensor pixel_values)
    {
        using var scope = NewDisposeScope();
        var pictures = pixel_values.shape[0];
        var blocks = new List<Tensor>();
        for (long start = 0; start < pictures; start += _blockSize)
            blocks.Add(EncodeBlock(pixel_values.narrow(0, start, Math.Min(_blockSize, pictures - start))));
        return scope.MoveToOuter(blocks.Count == 1 ? blocks[0] : cat(blocks));
    }

    public void Dispose()
    {
        _panels?.Dispose();
        _layers?.Dispose();
        foreach (var tensor in (Tensor[])[.. _patch, .. _preNorm, .. _postNorm, .. _projection, _classRow, _positions]) tensor.Dispose();
    }

    private Tensor EncodeBlock(Tensor pixels)
    {
        using var scope = NewDisposeScope();
        var (pictures, height, width) = (pixels.shape[0], pixels.shape[2] / _config.PatchSize, pixels.shape[3] / _config.PatchSize);
        var patches = _kernels.Linear(Patches(pixels, height, width), _patch).view(pictures, height * width, -1);
        var embedded = cat([_classRow.expand(pictures, 1, -1), patches.add_(Positions(height, width))], 1);
        var rows = nn.functional.layer_norm(embedded, [_config.HiddenSize], _preNorm[0], _preNorm[1], _config.LayerNormEps).flatten(0, 1);
        var pooled = _panels?.Encode(rows.to(float32), pictures).to(rows.dtype) ?? _kernels.Encode(rows, [pictures, height * width + 1], null, _layers!);
        var normed = nn.functional.layer_norm(pooled, [_config.HiddenSize], _postNorm[0], _postNorm[1], _config.LayerNormEps);
        return scope.MoveToOuter(_kernels.Linear(normed, _projection).to(float32));
    }

    /// <summary>Cuts pictures into patches: [pictures * height * width, channels * patch_size * patch_size]; what is left over is dropped.</summary>
    private Tensor Patches(Tensor pixels, long height, long width)
    {
        using var scope = NewDisposeScope();
        var side = _config.PatchSize;
        var whole = pixels.to(_kernels.DType, _kernels.Device)[.., .., ..(int)(height * side), ..(int)(width * side)];
        var cut = whole.reshape(pixels.shape[0], pixels.shape[1], height, side, width, side).permute(0, 2, 4, 1, 3, 5);
        return scope.MoveToOuter(cut.reshape(pixels.shape[0] * height * width, -1));
    }

    private Tensor Positions(long height, long width)
    {
        var side = _config.ImageSize / _config.PatchSize;
        return height == side && width == side ? _positions : AltCLIPVisionEmbeddings.Resized(_positions, side, height, width);
    }
}
