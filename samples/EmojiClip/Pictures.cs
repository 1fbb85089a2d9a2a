using AltClip;
using AltClip.Imaging;
using static TorchSharp.torch;

namespace EmojiClip;

/// <summary>Pictures as the model takes them.</summary>
internal static class Pictures
{
    /// <summary>What prepares pictures from outside in the same way.</summary>
    public static CLIPImageProcessorConfig Processor { get; } = new()
    {
        Size = ImageSize.Shortest(Architecture.PictureSide),
        CropSize = ImageSize.Exactly(Architecture.PictureSide, Architecture.PictureSide),
        ImageMean = [0.5, 0.5, 0.5],
        ImageStd = [0.5, 0.5, 0.5],
    };

    /// <summary>A canvas as a picture from outside.</summary>
    public static ImageSource Source(Canvas canvas) => ImageSource.FromPixels(
        [.. canvas.Pixels.Select(value => (byte)Math.Clamp(value + 0.5f, 0, 255))], canvas.Side, canvas.Side, PixelFormat.Rgb24);

    private static Tensor Batch(IReadOnlyList<Canvas> pictures)
    {
        var side = pictures[0].Side;
        var planes = new float[pictures.Count * 3 * side * side];
        for (var i = 0; i < pictures.Count; i++) pictures[i].Normalize(planes.AsSpan(i * 3 * side * side, 3 * side * side));
        return tensor(planes, [pictures.Count, 3, side, side]);
    }

    /// <summary>Embeddings [pictures, width] of length one, in float32.</summary>
    public static Tensor Embed(AltCLIPModel model, IReadOnlyList<Canvas> pictures)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(Texts.Unit(model.get_image_features(Batch(pictures), interpolate_pos_encoding: true)));
    }
}
