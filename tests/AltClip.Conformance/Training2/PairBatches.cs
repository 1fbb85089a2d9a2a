using static TorchSharp.torch;

namespace AltClip.Conformance.Training2;

/// <summary>The batches of a case, several of which may be one.</summary>
internal sealed class PairBatches(Training2Case test)
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
    public Tensor Joined(string kind, int[] numbers) => cat([.. numbers.Select(number => test.Input($"{kind}.{number}"))]);
}
