using AltClip.Imaging;
using AltClip.Training.Augmentation;

namespace AltClip.Training.Data;

/// <summary>Loaders of the usual examples.</summary>
public static class BatchLoader
{
    private const long CaptionPurpose = 1;
    private const long AugmentationPurpose = 2;

    /// <summary>
    /// Loads pictures with captions: reads, decodes, augments and prepares the pictures, chooses a caption each and tokenizes it.
    /// </summary>
    /// <param name="examples">A list, or any other sequence that gives the same examples again.</param>
    /// <param name="processor">Prepares pictures and texts as the model wants them.</param>
    /// <param name="options">Batches, order, threads.</param>
    /// <param name="augmentation">The random change of pictures, before the processor has them; null for none.</param>
    /// <param name="processing">
    /// How the processor prepares; null to pad texts to the longest, cut those that are too long, and throw for a picture that can't be
    /// read. With
    /// <see cref="ImageErrorHandling.Skip"/>, such an example is left out of its batch and listed in it.
    /// </param>
    /// <returns>The loader, which the caller disposes.</returns>
    /// <inheritdoc cref="BatchLoader{TExample, TBatch}(IEnumerable{TExample}, Func{ExampleBatch{TExample}, CancellationToken, TBatch},
    /// BatchLoaderOptions)" path="/exception"/>
    public static BatchLoader<CaptionedImage, ImageTextBatch> ImageText(
        IEnumerable<CaptionedImage> examples, AltCLIPProcessor processor, BatchLoaderOptions options, IImageAugmentation? augmentation = null,
        AltCLIPProcessorOptions? processing = null)
    {
        ArgumentNullException.ThrowIfNull(processor);
        processing = OneThread(processing);
        return new(examples, (batch, cancellationToken) => ImageTexts(batch, processor, augmentation, processing, cancellationToken), options);
    }

    /// <summary>Loads pairs of texts for teacher learning, and tokenizes the student's.</summary>
    /// <param name="examples">A list, or any other sequence that gives the same examples again.</param>
    /// <param name="processor">Prepares the student's texts.</param>
    /// <param name="options">Batches, order, threads.</param>
    /// <param name="processing">How the processor prepares; null to pad texts to the longest and cut those that are too long.</param>
    /// <returns>The loader, which the caller disposes.</returns>
    /// <inheritdoc cref="BatchLoader{TExample, TBatch}(IEnumerable{TExample}, Func{ExampleBatch{TExample}, CancellationToken, TBatch},
    /// BatchLoaderOptions)" path="/exception"/>
    public static BatchLoader<ParallelText, ParallelTextBatch> ParallelText(
        IEnumerable<ParallelText> examples, AltCLIPProcessor processor, BatchLoaderOptions options, AltCLIPProcessorOptions? processing = null)
    {
        ArgumentNullException.ThrowIfNull(processor);
        processing = OneThread(processing);
        return new(examples, (batch, cancellationToken) => new ParallelTextBatch
        {
            Inputs = processor.Process(
                text: [.. batch.Examples.Select(example => example.Value.Target)], options: processing, cancellationToken: cancellationToken),
            Texts = [.. batch.Examples.Select(example => example.Value)],
            Indices = [.. batch.Examples.Select(example => example.Index)],
        }, options);
    }

    private static ImageTextBatch ImageTexts(
        ExampleBatch<CaptionedImage> batch, AltCLIPProcessor processor, IImageAugmentation? augmentation, AltCLIPProcessorOptions processing,
        CancellationToken cancellationToken)
    {
        List<ImageSource> images = [.. batch.Examples.Select(example => augmentation is null
            ? example.Value.Image
            : example.Value.Image.Augmented(augmentation, example.Seed, example.Epoch, example.Index, AugmentationPurpose))];
        using var pictures = processor.Process(images: images, options: processing, cancellationToken: cancellationToken);
        List<Example<CaptionedImage>> kept = [.. pictures.ImageIndices.Select(index => batch.Examples[index])];
        if (kept.Count == 0)
        {
            var error = pictures.SkippedImages[0].Error;
            throw new ImageException(
                $"None of the {batch.Examples.Count} pictures of batch {batch.Number} can be read; the first: {error.Message}", error);
        }
        List<string> captions = [.. kept.Select(example => example.Value.Captions[example.Random(CaptionPurpose).Next(example.Value.Captions.Count)])];
        var texts = processor.Process(text: captions, options: processing, cancellationToken: cancellationToken);
        return new ImageTextBatch
        {
            Inputs = new AltCLIPInputs
            {
                InputIds = texts.InputIds,
                AttentionMask = texts.AttentionMask,
                TokenTypeIds = texts.TokenTypeIds,
                SpecialTokensMask = texts.SpecialTokensMask,
                Encoding = texts.Encoding,
                PixelValues = pictures.PixelValues!.alias(),
                ImageIndices = pictures.ImageIndices,
                SkippedImages = pictures.SkippedImages,
            },
            Captions = captions,
            Indices = [.. kept.Select(example => example.Index)],
        };
    }

    // The loader has threads of its own, each with a batch.
    private static AltCLIPProcessorOptions OneThread(AltCLIPProcessorOptions? options)
    {
        options ??= new() { Text = new() { Padding = PaddingStrategy.Longest, Truncation = TruncationStrategy.LongestFirst } };
        return options with
        {
            Images = options.Images with { MaxDegreeOfParallelism = 1 },
            Text = options.Text with { MaxDegreeOfParallelism = 1 },
        };
    }
}
