using AltClip.Training.Augmentation;

namespace AltClip.Training.Data;

/// <summary>The examples of a batch, before they are made into one.</summary>
/// <param name="Number">The batch's number, counted from 0 on through all epochs.</param>
/// <param name="Examples">The examples.</param>
public sealed record ExampleBatch<T>(long Number, IReadOnlyList<Example<T>> Examples);

/// <summary>An example in its place.</summary>
/// <param name="Value">The example.</param>
/// <param name="Seed">The loader's seed.</param>
/// <param name="Epoch">How often all examples were gone through before, from 0.</param>
/// <param name="Index">The example's place in its data set, from 0.</param>
public sealed record Example<T>(T Value, long Seed, long Epoch, long Index)
{
    /// <summary>Random numbers of this example in this epoch, whichever thread asks.</summary>
    /// <param name="purpose">Different numbers for different purposes.</param>
    public SeededRandom Random(long purpose) => new(Seed, Epoch, Index, purpose);
}

/// <summary>The examples of a batch, those of a list not yet read.</summary>
internal sealed record PlannedBatch<T>(long Number, long Epoch, long[] Indices, T[]? Values);
