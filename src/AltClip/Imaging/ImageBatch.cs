using AltClip.Imaging;
using TorchSharp;

namespace AltClip;

/// <summary>What <see cref="CLIPImageProcessor"/> made of pictures. Disposing it disposes the tensor.</summary>
public sealed class ImageBatch : IDisposable
{
    internal ImageBatch(torch.Tensor pixelValues, IReadOnlyList<int> indices, IReadOnlyList<SkippedImage> skipped) =>
        (PixelValues, Indices, Skipped) = (pixelValues, indices, skipped);

    /// <summary>
    /// The pictures, <c>[batch, 3, height, width]</c>: float32, or uint8 if they were neither rescaled nor normalised, or the type asked
    /// for.
    /// </summary>
    public torch.Tensor PixelValues { get; }

    /// <summary>For each row of <see cref="PixelValues"/> the index of its source among the pictures handed in.</summary>
    public IReadOnlyList<int> Indices { get; }

    /// <summary>The pictures that were left out; always empty with <see cref="ImageErrorHandling.Throw"/>.</summary>
    public IReadOnlyList<SkippedImage> Skipped { get; }

    /// <inheritdoc/>
    public void Dispose() => PixelValues.Dispose();
}
