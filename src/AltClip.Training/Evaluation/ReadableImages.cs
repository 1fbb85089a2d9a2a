using System.Runtime.CompilerServices;
using AltClip.Imaging;

namespace AltClip.Training.Evaluation;

/// <summary>The loop of evaluations over pictures of which some can't be read.</summary>
internal static class ReadableImages
{
    /// <summary>Embeds pictures; those that can't be read are listed and left out.</summary>
    /// <param name="pipeline">Embeds. With <see cref="ImageErrorHandling.Skip"/> in its options, a picture that can't be read ends nothing.</param>
    /// <param name="images">The pictures, read a few at a time.</param>
    /// <param name="skipped">Gets those that can't be read.</param>
    /// <param name="progress">Is told after each batch how many pictures are done.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    public static async IAsyncEnumerable<EncodedImage> EncodeAsync(
        AltCLIPPipeline pipeline, IEnumerable<ImageSource> images, List<SkippedImage> skipped, IProgress<int>? progress,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var image in pipeline.EncodeImagesAsync(images, progress, cancellationToken).ConfigureAwait(false))
        {
            if (image.Error is null) yield return image;
            else skipped.Add(new SkippedImage(image.Index, image.Name, image.Error));
        }
    }
}
