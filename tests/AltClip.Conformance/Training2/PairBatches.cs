using static TorchSharp.torch;

namespace AltClip.Conformance.Training2;

/// <summary>The batches of a case, several of which may be one; of a process's, its part.</summary>
/// <param name="test">The case.</param>
/// <param name="rank">The process's number.</param>
/// <param name="worldSize">How many processes share each batch: equal parts, in order.</param>
internal sealed class PairBatches(Training2Case test, int rank = 0, int worldSize = 1)
{
    /// <summary>Token ids [pairs, sequence] of these batches, one after the other.</summary>
    public Tensor Ids(params int[] numbers) => Joined("input_ids", numbers);

    /// <summary>1 for tokens and 0 for padding, [pairs, sequence].</summary>
    public Tensor Mask(params int[] numbers) => Joined("attention_mask", numbers);

    /// <summary>The pictures [pairs, 3, height, width].</summary>
    public Tensor Pixels(params int[] numbers) => Joined("pixel_values", numbers);

    /// <summary>What the teacher makes of the texts, [pairs, width].</summary>
    public Tensor Teacher(params int[] numbers) => Joined("teacher", numbers);

    /// <summary>One kind of the inputs, of several batches.</summary>
    public Tensor Joined(string kind, int[] numbers)
    {
        var all = cat([.. numbers.Select(number => test.Input($"{kind}.{number}"))]);
        if (all.shape[0] % worldSize != 0) throw new MismatchException($"{all.shape[0]} pairs are no equal parts for {worldSize} processes");
        var count = all.shape[0] / worldSize;
        return worldSize == 1 ? all : all.slice(0, rank * count, (rank + 1) * count, 1);
    }
}
