using AltClip.Imaging;
using TorchSharp;

namespace AltClip;

/// <summary>Choices for one call of <see cref="CLIPImageProcessor"/>.</summary>
public sealed record ImageProcessingOptions
{
    /// <summary>
    /// Used instead of the processor's own configuration, if not null: <c>processor.Config with { DoCenterCrop = false }</c>.
    /// </summary>
    public CLIPImageProcessorConfig? Config { get; init; }

    /// <summary>
    /// Whether pictures are turned upright by their EXIF orientation, as transformers' <c>load_image</c> does; if not, they are taken as
    /// they are stored, as <c>PIL.Image.open</c> does.
    /// </summary>
    public bool ApplyExifOrientation { get; init; } = true;

    /// <summary>
    /// The colour that pictures with alpha are laid on. If null, alpha is dropped, as Pillow's <c>convert("RGB")</c> does: transparent
    /// pixels show the colours stored under them.
    /// </summary>
    public RgbColor? Background { get; init; }

    /// <summary>Whether a file that ends too early gives what there is of its picture, the rest black, instead of an error.</summary>
    public bool AllowTruncated { get; init; }

    /// <summary>
    /// The most pixels that a picture may have, before, while and after it is resized. A file that claims more is refused before it is decoded.
    /// </summary>
    public long MaxPixels { get; init; } = 200_000_000;

    /// <summary>What to do with a picture that cannot be processed.</summary>
    public ImageErrorHandling OnError { get; init; }

    /// <summary>The most pictures processed at the same time; -1 for as many as there are processors.</summary>
    public int MaxDegreeOfParallelism { get; init; } = -1;

    /// <summary>The device of the resulting tensor; null for the CPU.</summary>
    public torch.Device? Device { get; init; }

    /// <summary>
    /// The type of the resulting tensor; null for what transformers gives: float32, or uint8 if pixels are neither rescaled nor
    /// normalised.
    /// </summary>
    public torch.ScalarType? Dtype { get; init; }
}
