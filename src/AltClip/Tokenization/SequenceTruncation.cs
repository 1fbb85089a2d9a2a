namespace AltClip.Tokenization;

/// <summary>A stretch of a sequence's tokens.</summary>
internal readonly record struct TokenRange(int Start, int Length);

/// <summary>Where sequences are cut, as the tokenizers library cuts them.</summary>
internal static class SequenceTruncation
{
    /// <summary>How many tokens of each sequence stay.</summary>
    /// <param name="first">The tokens of the first sequence.</param>
    /// <param name="second">The tokens of the second, null where there is none.</param>
    /// <param name="max">The tokens that may stay, special tokens not counted.</param>
    /// <param name="strategy">Which sequence to cut.</param>
    /// <exception cref="ArgumentException">The sequence to cut is missing or too short to make room for the other.</exception>
    public static (int First, int Second) Kept(int first, int? second, int max, TruncationStrategy strategy)
    {
        int other = second ?? 0;
        int excess = first + other - max;
        if (excess <= 0)
            return (first, other);
        if (max == 0)
            return (0, 0);
        switch (strategy)
        {
            case TruncationStrategy.OnlyFirst when first > excess:
                return (first - excess, other);
            case TruncationStrategy.OnlySecond when other > excess:
                return (first, other - excess);
            case TruncationStrategy.LongestFirst when second is null:
                return (max, 0);
            case TruncationStrategy.LongestFirst:
                int shorter = Math.Min(first, other), longer = Math.Max(shorter, max - shorter);
                if (shorter + longer > max)
                    (shorter, longer) = (max / 2, max - max / 2);
                return first > other ? (longer, shorter) : (shorter, longer);
            case TruncationStrategy.OnlySecond when second is null:
                throw new ArgumentException($"{nameof(TruncationStrategy)}.{nameof(TruncationStrategy.OnlySecond)} needs pairs: there is no second sequence to cut.");
            default:
                throw new ArgumentException(
                    $"{nameof(TruncationStrategy)}.{strategy}: sequences of {first} and {other} tokens cannot be brought to {max} (special tokens not counted) by cutting the {(strategy == TruncationStrategy.OnlyFirst ? "first" : "second")} alone.");
        }
    }

    /// <summary>
    /// The parts of a sequence cut to <paramref name="kept"/> tokens: first the one that stays, then what overflows, each sharing
    /// <paramref name="stride"/> tokens with the part before it.
    /// </summary>
    /// <exception cref="ArgumentException">The stride leaves no progress.</exception>
    public static List<TokenRange> Parts(int length, int kept, int stride, Side side)
    {
        if (kept >= length)
            return [new(0, length)];
        if (kept == 0)
            return [new(0, 0), new(0, length)];
        if (stride >= kept)
        {
            throw new ArgumentException(
                $"{nameof(TokenizerOptions.Stride)} {stride} must be less than the {kept} tokens that a sequence of {length} is cut to.");
        }
        List<TokenRange> parts = [];
        for (int start = 0; ; start += kept - stride)
        {
            int size = Math.Min(kept, length - start);
            parts.Add(new(side == Side.Right ? start : length - start - size, size));
            if (start + size == length)
                return parts;
        }
    }
}
