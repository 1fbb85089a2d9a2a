using AltClip.Native;
using static TorchSharp.torch;

namespace AltClip;

/// <summary>
/// The encoded texts of a batch, one row a text (more with <see cref="TokenizerOptions.ReturnOverflowingTokens"/>). What was not
/// asked for is null.
/// </summary>
public sealed class BatchEncoding
{
    internal BatchEncoding(int[][] inputIds) => InputIds = inputIds;

    /// <summary>How many rows there are.</summary>
    public int Count => InputIds.Length;

    /// <summary>The token ids of each row (<c>input_ids</c>).</summary>
    public int[][] InputIds { get; }

    /// <summary>1 for a token, 0 for padding (<c>attention_mask</c>).</summary>
    public int[][]? AttentionMask { get; internal init; }

    /// <summary>The token types (<c>token_type_ids</c>): XLM-R has only type 0, for the second of a pair as well.</summary>
    public int[][]? TokenTypeIds { get; internal init; }

    /// <summary>
    /// 1 for padding and for the special tokens put round the sequences, 0 for all else: a special token written in the text counts
    /// as text (<c>special_tokens_mask</c>).
    /// </summary>
    public int[][]? SpecialTokensMask { get; internal init; }

    /// <summary>
    /// Where in its text (where words were given: in its word) each token comes from, end exclusive; (0, 0) for special tokens and
    /// padding (<c>offset_mapping</c>).
    /// </summary>
    public (int Start, int End)[][]? OffsetMapping { get; internal init; }

    /// <summary>The length of each row, padding included (<c>length</c>).</summary>
    public int[]? Length { get; internal init; }

    /// <summary>Which text each row is a part of (<c>overflow_to_sample_mapping</c>).</summary>
    public int[]? OverflowToSampleMapping { get; internal init; }

    /// <summary>
    /// Makes int64 tensors of shape <c>[batch, sequence]</c>: <c>input_ids</c> and, where they were asked for, <c>attention_mask</c>,
    /// <c>token_type_ids</c> and <c>special_tokens_mask</c>. They are the caller's to dispose of.
    /// </summary>
    /// <param name="device">Where the tensors go; null for the CPU.</param>
    /// <exception cref="InvalidOperationException">There are no rows, or their lengths differ (see <see cref="PaddingStrategy"/>).</exception>
    public Dictionary<string, Tensor> ToTensors(Device? device = null)
    {
        int length = RowLength();
        TorchRuntime.EnsureLoaded();
        var tensors = new Dictionary<string, Tensor>();
        try
        {
            foreach ((string name, int[][]? rows) in new (string, int[][]?)[]
            {
                ("input_ids", InputIds), ("attention_mask", AttentionMask),
                ("token_type_ids", TokenTypeIds), ("special_tokens_mask", SpecialTokensMask),
            })
            {
                if (rows is not null)
                    tensors.Add(name, ToTensor(rows, length, device));
            }
            return tensors;
        }
        catch
        {
            foreach (Tensor tensor in tensors.Values)
                tensor.Dispose();
            throw;
        }
    }

    private static Tensor ToTensor(int[][] rows, int length, Device? device)
    {
        var values = new long[rows.Length * length];
        for (int row = 0; row < rows.Length; row++)
        {
            for (int i = 0; i < length; i++)
                values[row * length + i] = rows[row][i];
        }
        return tensor(values, rows.Length, length, device: device ?? CPU);
    }

    private int RowLength()
    {
        if (Count == 0)
            throw new InvalidOperationException("There are no rows to make tensors of.");
        int length = InputIds[0].Length;
        for (int row = 1; row < Count; row++)
        {
            if (InputIds[row].Length != length)
            {
                throw new InvalidOperationException(
                    $"Rows of different lengths make no tensor: row 0 has {length} tokens, row {row} has {InputIds[row].Length}. Encode with {nameof(PaddingStrategy)}.{nameof(PaddingStrategy.Longest)} or {nameof(PaddingStrategy)}.{nameof(PaddingStrategy.MaxLength)}.");
            }
        }
        return length;
    }
}
