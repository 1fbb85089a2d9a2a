using AltClip.Tokenization;

namespace AltClip;

/// <summary>How <see cref="XLMRobertaTokenizer"/> encodes; each property stands for the argument of the same name of transformers.</summary>
public sealed record TokenizerOptions
{
    /// <summary>Puts <c>&lt;s&gt;</c> and <c>&lt;/s&gt;</c> round the sequences (<c>add_special_tokens</c>). Default: true.</summary>
    public bool AddSpecialTokens { get; init; } = true;

    /// <summary>How rows are brought to one length (<c>padding</c>). Default: not at all.</summary>
    public PaddingStrategy Padding { get; init; }

    /// <summary>
    /// How sequences that are too long are cut (<c>truncation</c>). Null, the default, does as transformers does when nothing is said:
    /// <see cref="TruncationStrategy.LongestFirst"/> where <see cref="MaxLength"/> is given and <see cref="Padding"/> is not, else
    /// <see cref="TruncationStrategy.None"/>.
    /// </summary>
    public TruncationStrategy? Truncation { get; init; }

    /// <summary>
    /// The length in tokens, special tokens included, to which is truncated or padded (<c>max_length</c>). Default: the tokenizer's
    /// <see cref="XLMRobertaTokenizer.ModelMaxLength"/>.
    /// </summary>
    public int? MaxLength { get; init; }

    /// <summary>How many tokens a part shares with the one before it when <see cref="ReturnOverflowingTokens"/> is set (<c>stride</c>).</summary>
    public int Stride { get; init; }

    /// <summary>The padded length is rounded up to a multiple of this (<c>pad_to_multiple_of</c>).</summary>
    public int? PadToMultipleOf { get; init; }

    /// <summary>Where padding goes (<c>padding_side</c>). Default: what the tokenizer's settings say, otherwise right.</summary>
    public Side? PaddingSide { get; init; }

    /// <summary>Where is cut (<c>truncation_side</c>). Default: what the tokenizer's settings say, otherwise right.</summary>
    public Side? TruncationSide { get; init; }

    /// <summary>Gives <see cref="BatchEncoding.AttentionMask"/> (<c>return_attention_mask</c>). Default: true.</summary>
    public bool ReturnAttentionMask { get; init; } = true;

    /// <summary>Gives <see cref="BatchEncoding.TokenTypeIds"/> (<c>return_token_type_ids</c>).</summary>
    public bool ReturnTokenTypeIds { get; init; }

    /// <summary>Gives <see cref="BatchEncoding.SpecialTokensMask"/> (<c>return_special_tokens_mask</c>).</summary>
    public bool ReturnSpecialTokensMask { get; init; }

    /// <summary>Gives <see cref="BatchEncoding.OffsetMapping"/> (<c>return_offsets_mapping</c>).</summary>
    public bool ReturnOffsetsMapping { get; init; }

    /// <summary>What offsets count. Default: UTF-16 units, the indices of a .NET string.</summary>
    public OffsetUnit OffsetUnit { get; init; }

    /// <summary>Gives <see cref="BatchEncoding.Length"/> (<c>return_length</c>).</summary>
    public bool ReturnLength { get; init; }

    /// <summary>Gives what truncation cuts off as further rows (<c>return_overflowing_tokens</c>).</summary>
    public bool ReturnOverflowingTokens { get; init; }

    /// <summary>How many threads encode a batch; -1, the default, for as many as there are cores.</summary>
    public int MaxDegreeOfParallelism { get; init; } = -1;
}
