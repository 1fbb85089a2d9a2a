using static TorchSharp.torch;

namespace AltClip.Training.Losses;

/// <summary>
/// The chunks of a batch, each with a seed for what an encoder draws at random. Seeds, and not saved states, because TorchSharp gives no
/// access to the state of a GPU's generator.
/// </summary>
internal sealed class SeededChunks : IDisposable
{
    private readonly CancellationToken _cancellationToken;
    private readonly Tensor _stateAfter;
    private long _nextSeed;

    public SeededChunks(long rows, int chunkSize, CancellationToken cancellationToken)
    {
        _cancellationToken = cancellationToken;
        Rows = [.. Enumerable.Range(0, (int)((rows + chunkSize - 1) / chunkSize))
            .Select(i => new RowRange((long)i * chunkSize, Math.Min(rows, (i + 1L) * chunkSize)))];
        using (var drawn = randint(0, 1L << 53, [1], dtype: ScalarType.Int64, device: CPU)) _nextSeed = drawn.item<long>();
        _stateAfter = get_rng_state().DetachFromDisposeScope();
    }

    public IReadOnlyList<RowRange> Rows { get; }

    /// <summary>A seed of its own for each chunk.</summary>
    public long[] NewSeeds() => [.. Rows.Select(_ => _nextSeed++)];

    /// <summary>Begins work on one chunk.</summary>
    public void Begin(long seed)
    {
        _cancellationToken.ThrowIfCancellationRequested();
        using var generator = manual_seed(seed);
    }

    /// <summary>Sets the generators to go on where no chunk has been.</summary>
    public void Dispose()
    {
        using (manual_seed(_nextSeed)) set_rng_state(_stateAfter);
        _stateAfter.Dispose();
    }
}
