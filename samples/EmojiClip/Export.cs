using AltClip;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace EmojiClip;

/// <summary>Makes the finished model of the one in training.</summary>
internal static class Export
{
    private const string Positions = "vision_model.embeddings.position_embedding.weight";

    /// <summary>
    /// The same model for pictures of another size: its positions are those that <c>interpolate_pos_encoding</c> gives, stored.
    /// </summary>
    public static AltCLIPModel ForPictures(AltCLIPModel trained, int side)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var model = new AltCLIPModel(Architecture.Config(side));
        var weights = trained.named_parameters().ToDictionary(p => p.name, p => (Tensor)p.parameter);
        foreach (var (name, parameter) in model.named_parameters())
            parameter.copy_(name == Positions ? Resized(weights[name], trained.Config.VisionConfig, side) : weights[name]);
        return model;
    }

    private static Tensor Resized(Tensor positions, AltCLIPVisionConfig config, int side)
    {
        var (before, after) = (config.ImageSize / config.PatchSize, side / config.PatchSize);
        var grid = positions[1..].reshape(1, before, before, -1).permute(0, 3, 1, 2);
        var resized = interpolate(grid, [after, after], mode: InterpolationMode.Bicubic, align_corners: false);
        return cat([positions[..1], resized.permute(0, 2, 3, 1).reshape(after * after, -1)]);
    }
}
