using System.Runtime.CompilerServices;
using System.Threading.Channels;
using AltClip.Hub;
using AltClip.Imaging;

namespace AltClip;

/// <content>What runs in the background.</content>
public sealed partial class AltCLIPPipeline
{
    /// <summary>Loads model and processor from a checkpoint in the background.</summary>
    /// <param name="folderOrId">
    /// A folder with configuration, weights, tokenizer and image settings; or a model on the Hub,
    /// <c>owner/name</c> or <c>owner/name@revision</c>, whose files are downloaded into the cache where it doesn't have them.
    /// </param>
    /// <param name="options">Precision, device, batch sizes and preparation; null for the defaults.</param>
    /// <param name="revision">The branch, tag or commit of a model on the Hub; <c>main</c> if null.</param>
    /// <param name="hub">Where models come from and are kept; null for what the environment variables of <c>huggingface_hub</c> say.</param>
    /// <param name="progress">Is told how far each file of a download is; null for <see cref="HubOptions.Progress"/> of <paramref name="hub"/>.</param>
    /// <param name="cancellationToken">
    /// Stops the download, of which what has come so far is kept for the next time, and loading between tensors and before the weights are packed.
    /// Nothing is left in memory.
    /// </param>
    /// <returns>The pipeline, which the caller disposes.</returns>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    /// <inheritdoc cref="FromPretrained" path="/exception"/>
    public static Task<AltCLIPPipeline> FromPretrainedAsync(
        string folderOrId, AltCLIPPipelineOptions? options = null, string? revision = null, HubOptions? hub = null,
        IProgress<HubProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        options ??= new AltCLIPPipelineOptions();
        options.Validate();
        if (progress is not null) hub = (hub ?? new HubOptions()) with { Progress = progress };
        var source = new PretrainedSource(folderOrId, revision, hub);
        return Task.Run(
            async () =>
            {
                var folder = await source.LocateAsync(Files, cancellationToken).ConfigureAwait(false);
                return Load(folder, options, cancellationToken);
            }, cancellationToken);
    }

    /// <summary>Embeds texts in the background.</summary>
    /// <param name="texts">The texts, in any language.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>An embedding of length one for each text, projection_dim numbers.</returns>
    /// <inheritdoc cref="EmbedText" path="/exception"/>
    public Task<float[][]> EncodeTextAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken = default) => Task.Run(
        () =>
        {
            using var embeddings = EmbedText(texts, cancellationToken);
            return embeddings.ToRows();
        }, cancellationToken);

    /// <summary>
    /// Embeds a stream of pictures in batches; the next batch is read and decoded while one is computed. Only a few batches are in memory
    /// at a time, however many pictures there are.
    /// </summary>
    /// <param name="images">The pictures.</param>
    /// <param name="progress">Is told after each batch how many pictures are done.</param>
    /// <param name="cancellationToken">Stops between pictures.</param>
    /// <returns>
    /// The pictures' embeddings, in their order. With <see cref="ImageErrorHandling.Skip"/> in the options, a picture that can't be read comes with
    /// its error in place of an embedding.
    /// </returns>
    /// <exception cref="ImageException">A picture can't be read; the message names it.</exception>
    /// <exception cref="IOException">A picture's file is missing; an <see cref="UnauthorizedAccessException"/> where it may not be read.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The pipeline is disposed.</exception>
    public IAsyncEnumerable<EncodedImage> EncodeImagesAsync(
        IEnumerable<ImageSource> images, IProgress<int>? progress = null, CancellationToken cancellationToken = default)
    {
        // Here and not in the iterator, which begins when the first picture is asked for.
        ArgumentNullException.ThrowIfNull(images);
        ThrowIfDisposed();
        return EncodeAsync(images, progress, cancellationToken);
    }

    /// <summary>Makes a classifier of labels in the background.</summary>
    /// <inheritdoc cref="CreateClassifier"/>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public Task<ZeroShotClassifier> CreateClassifierAsync(
        IReadOnlyList<string> labels, IReadOnlyList<string>? templates = null, CancellationToken cancellationToken = default) =>
        Task.Run(() => CreateClassifier(labels, templates, cancellationToken), cancellationToken);

    /// <summary>Says in the background which labels fit a picture.</summary>
    /// <inheritdoc cref="Classify"/>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public Task<IReadOnlyList<LabelProbability>> ClassifyAsync(
        ImageSource image, IReadOnlyList<string> labels, IReadOnlyList<string>? templates = null, CancellationToken cancellationToken = default) =>
        Task.Run(() => Classify(image, labels, templates, cancellationToken), cancellationToken);

    /// <summary>Orders pictures in the background by how well they fit a text.</summary>
    /// <inheritdoc cref="Rank(string, IReadOnlyList{ImageSource}, CancellationToken)"/>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public Task<IReadOnlyList<RankedItem>> RankAsync(string text, IReadOnlyList<ImageSource> images, CancellationToken cancellationToken = default) =>
        Task.Run(() => Rank(text, images, cancellationToken), cancellationToken);

    /// <summary>Orders texts in the background by how well they fit a picture.</summary>
    /// <inheritdoc cref="Rank(ImageSource, IReadOnlyList{string}, CancellationToken)"/>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public Task<IReadOnlyList<RankedItem>> RankAsync(ImageSource image, IReadOnlyList<string> texts, CancellationToken cancellationToken = default) =>
        Task.Run(() => Rank(image, texts, cancellationToken), cancellationToken);

    /// <summary>Compares each text with each picture in the background.</summary>
    /// <inheritdoc cref="Similarity"/>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public Task<float[,]> SimilarityAsync(
        IReadOnlyList<string> texts, IReadOnlyList<ImageSource> images, CancellationToken cancellationToken = default) =>
        Task.Run(() => Similarity(texts, images, cancellationToken), cancellationToken);

    private async IAsyncEnumerable<EncodedImage> EncodeAsync(
        IEnumerable<ImageSource> images, IProgress<int>? progress, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var prepared = Channel.CreateBounded<PreparedImages>(1);
        var producer = Task.Run(() => PrepareAsync(images, prepared.Writer, stop.Token), CancellationToken.None);
        try
        {
            await foreach (var batch in prepared.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                EncodedImage[] encoded;
                using (batch) encoded = await Task.Run(() => Encode(batch), cancellationToken).ConfigureAwait(false);
                foreach (var image in encoded) yield return image;
                progress?.Report(encoded[^1].Index + 1);
            }
        }
        finally
        {
            // Whether all is done, the caller stopped reading or something failed: nothing goes on and nothing prepared is left.
            await stop.CancelAsync().ConfigureAwait(false);
            await producer.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            while (prepared.Reader.TryRead(out var unused)) unused.Dispose();
        }
    }

    private async Task PrepareAsync(IEnumerable<ImageSource> images, ChannelWriter<PreparedImages> writer, CancellationToken cancellationToken)
    {
        try
        {
            var first = 0;
            foreach (var batch in images.Chunk(_options.ImageBatchSize))
            {
                var prepared = new PreparedImages(first, batch, Prepare(batch, cancellationToken));
                first += batch.Length;
                try
                {
                    await writer.WriteAsync(prepared, cancellationToken).ConfigureAwait(false);
                }
                catch
                {
                    prepared.Dispose();
                    throw;
                }
            }
            writer.Complete();
        }
        catch (Exception e)
        {
            writer.Complete(e);
        }
    }

    private AltCLIPInputs Prepare(ImageSource[] batch, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Processor.Process(images: batch, options: _imageOptions, cancellationToken: cancellationToken);
    }

    private EncodedImage[] Encode(PreparedImages batch)
    {
        var encoded = new EncodedImage[batch.Sources.Count];
        foreach (var skipped in batch.Inputs.SkippedImages)
            encoded[skipped.Index] = new EncodedImage(batch.First + skipped.Index, skipped.Name, default, skipped.Error);
        if (batch.Inputs.ImageIndices.Count == 0) return encoded;
        using var features = Model.get_image_features(batch.Inputs.PixelValues!);
        using var embeddings = features.ToUnitLength();
        foreach (var (index, row) in batch.Inputs.ImageIndices.Zip(embeddings.ToRows()))
            encoded[index] = new EncodedImage(batch.First + index, batch.Sources[index].Name, row, null);
        return encoded;
    }

    /// <summary>Pictures ready to be computed.</summary>
    private sealed record PreparedImages(int First, IReadOnlyList<ImageSource> Sources, AltCLIPInputs Inputs) : IDisposable
    {
        public void Dispose() => Inputs.Dispose();
    }
}
