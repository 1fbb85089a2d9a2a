using AltClip;
using AltClip.Checkpoints;
using static TorchSharp.torch;

namespace EmojiClip;

/// <summary>Embeddings of varied pictures, computed once the image encoder is done and kept in a file.</summary>
internal static class PictureFeatures
{
    private const string Name = "pictures";
    private const int Variants = 2;

    /// <summary>[variants * drawings, width] of length one, in the order that <see cref="EmbeddedPictures"/> takes.</summary>
    public static Tensor Get(string file, AltCLIPModel model, EmojiSet emoji, IReadOnlyList<Drawing> drawings)
    {
        if (!File.Exists(file))
        {
            using var computed = Parts.Embed(Variants * drawings.Count, i =>
            {
                var drawing = drawings[i % drawings.Count];
                return PictureAugmentation.Draw(
                    drawing, Mirrors.MeanTheSame(emoji, drawing.Emoji), Architecture.PictureSide, strength: 1, new Random(1_000_000 + i));
            }, pictures => Pictures.Embed(model, pictures));
            SafeTensors.Save(file, new Dictionary<string, Tensor> { [Name] = computed });
        }
        using var stored = SafeTensors.Open(file);
        return stored[Name].clone();
    }
}
