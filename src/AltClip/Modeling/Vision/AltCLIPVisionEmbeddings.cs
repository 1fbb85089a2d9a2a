using AltClip.Shared;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace AltClip.Modeling.Vision;

/// <summary>A picture as a class token and its patches, each with the embedding of its position (Dosovitskiy et al., arXiv 2010.11929).</summary>
internal sealed class AltCLIPVisionEmbeddings : AltCLIPModule
{
    internal readonly Conv2d patch_embedding;
    internal readonly Embedding position_embedding;

    private readonly AltCLIPVisionConfig _config;

    [ComponentName(Name = nameof(class_embedding))]
    private Parameter _classEmbedding;

    public AltCLIPVisionEmbeddings(AltCLIPVisionConfig config) : base(nameof(AltCLIPVisionEmbeddings))
    {
        _config = config;
        _classEmbedding = Skeleton.Parameter(config.HiddenSize);
        patch_embedding = Skeleton.Conv2d(config.NumChannels, config.HiddenSize, config.PatchSize);
        position_embedding = Skeleton.Embedding(config.NumPatches + 1, config.HiddenSize);
        RegisterComponents();
    }

    public Parameter class_embedding
    {
        get => _classEmbedding;
        set => Replace(ref _classEmbedding, value, nameof(class_embedding));
    }

    public Tensor forward(Tensor pixel_values, bool interpolate_pos_encoding)
    {
        using var scope = NewDisposeScope();
        var dtype = _classEmbedding.dtype;
        var patches = patch_embedding.Convolve(pixel_values, ComputeType ?? dtype).to(dtype);
        var (height, width) = (patches.shape[2], patches.shape[3]);
        var classTokens = _classEmbedding.expand(pixel_values.shape[0], 1, -1);
        var embeddings = cat([classTokens, patches.flatten(2).transpose(1, 2)], dim: 1);
        using var weight = position_embedding.Table();
        return scope.MoveToOuter(embeddings.Plus(interpolate_pos_encoding ? Interpolated(weight, height, width) : weight));
    }

    /// <summary>The position embeddings for a grid of patches: [height * width + 1, hidden_size].</summary>
    private Tensor Interpolated(Tensor weight, long height, long width)
    {
        var side = _config.ImageSize / _config.PatchSize;
        if (height == side && width == side) return weight;
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(cat([weight[..1], Resized(weight[1..], side, height, width)], dim: 0));
    }

    /// <summary>
    /// Position embeddings [side * side, hidden_size], learned for one grid of patches, bicubically resized to another:
    /// [height * width, hidden_size].
    /// </summary>
    internal static Tensor Resized(Tensor positions, long side, long height, long width)
    {
        using var scope = NewDisposeScope();
        var grid = positions.reshape(1, side, side, -1).permute(0, 3, 1, 2);
        var resized = nn.functional.interpolate(grid, [height, width], mode: InterpolationMode.Bicubic, align_corners: false);
        return scope.MoveToOuter(resized.permute(0, 2, 3, 1).reshape(height * width, -1));
    }
}
