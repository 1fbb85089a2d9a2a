namespace AltClip.Training.Data;

/// <summary>
/// Makes batches of examples in the background, a few ahead of the model, in an order that follows from the seed. Each batch has a number,
/// and the
/// same number always means the very same batch, whatever the number of threads: a <see cref="Trainer"/> that goes on from a checkpoint
/// asks for
/// the batch after the last, and gets it without those before being made again.
/// </summary>
/// <typeparam name="TExample">What a data set has.</typeparam>
/// <typeparam name="TBatch">What a model takes.</typeparam>
/// <remarks>
/// Examples come from a list, of which any can be read at any time (<see cref="CaptionedImages"/>, <see cref="WebDataset"/>,
/// <see cref="ParallelTexts"/>, an array …), or from any other <see cref="IEnumerable{T}"/>, which is gone through from its start in each
/// epoch and
/// must give the same examples again. To use one loader from several threads, lock it.
/// </remarks>
/// <example>
/// <code>
/// using var loader = BatchLoader.ImageText(CaptionedImages.FromFile("captions.tsv"), processor, new() { BatchSize = 32, Seed = 1 },
/// augmentation);
/// using var trainer = new Trainer(model, n =>
/// {
///     using var batch = loader.Get(n);
///     return model.forward(batch.Inputs, return_loss: true).Loss!;
/// }, options);
/// </code>
/// </example>
public sealed class BatchLoader<TExample, TBatch> : IDisposable
    where TBatch : class, IDisposable
{
    private readonly BatchPlan<TExample> _plan;
    private readonly Func<ExampleBatch<TExample>, CancellationToken, TBatch> _collate;
    private readonly BatchLoaderOptions _options;
    private Prefetcher<TExample, TBatch>? _prefetcher;
    private bool _disposed;

    /// <summary>Prepares loading; nothing is read yet.</summary>
    /// <param name="examples">The examples.</param>
    /// <param name="collate">
    /// Makes examples a batch, on a thread of the loader; called by several threads at a time if there are several. It must draw random
    /// numbers from
    /// <see cref="Example{T}.Random"/> only, and free what it made if it throws.
    /// </param>
    /// <param name="options">Batches, order, threads.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="DataSetException">The list is empty, or has fewer examples than a batch and the last batch is dropped.</exception>
    public BatchLoader(IEnumerable<TExample> examples, Func<ExampleBatch<TExample>, CancellationToken, TBatch> collate, BatchLoaderOptions options)
    {
        ArgumentNullException.ThrowIfNull(examples);
        ArgumentNullException.ThrowIfNull(collate);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        (_plan, _collate, _options) = (BatchPlan<TExample>.Of(examples, options), collate, options);
    }

    /// <summary>The batches of an epoch; null where that is only known after going through all examples.</summary>
    public long? BatchesPerEpoch => _plan.BatchesPerEpoch;

    /// <summary>Waits for a batch. The one after it is already under way then; to ask for any other takes a new start.</summary>
    /// <param name="batch">Its number, from 0; epochs follow each other.</param>
    /// <param name="cancellationToken">Stops waiting; the batch goes on being made.</param>
    /// <returns>The batch, which the caller disposes.</returns>
    /// <exception cref="DataSetException">
    /// The sequence is empty, or has fewer examples than a batch and the last batch is dropped.
    /// </exception>
    /// <exception cref="DataSetException">
    /// A picture of the batch can't be read, and they are not to be skipped; or all of them can't.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public TBatch Get(long batch, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(batch);
        if (_prefetcher?.Next != batch)
        {
            Stop();
            _prefetcher = new Prefetcher<TExample, TBatch>(_plan, _collate, _options, batch);
        }
        try
        {
            return _prefetcher.Take(cancellationToken);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Whoever asks again, for this batch or another, gets a new start.
            Stop();
            throw;
        }
    }

    /// <summary>Stops the threads and frees the batches that nobody took.</summary>
    public void Dispose()
    {
        _disposed = true;
        Stop();
    }

    private void Stop()
    {
        _prefetcher?.Dispose();
        _prefetcher = null;
    }
}
