namespace AltClip.Tokenization;

/// <summary>Checks options before any work is done, and fills in what they leave to the tokenizer.</summary>
internal static class TokenizerOptionsCheck
{
    public static TruncationStrategy EffectiveTruncation(XLMRobertaTokenizer tokenizer, TokenizerOptions options)
    {
        TruncationStrategy truncation = options.Truncation
            ?? (options.MaxLength is not null && options.Padding == PaddingStrategy.None ? TruncationStrategy.LongestFirst : TruncationStrategy.None);
        // without a limit anywhere there is nothing to truncate to
        return options.MaxLength is null && tokenizer.ModelMaxLength is null ? TruncationStrategy.None : truncation;
    }

    /// <summary>The length to pad or truncate to, 0 where neither is done.</summary>
    /// <exception cref="ArgumentException">An option is out of range or at odds with another.</exception>
    public static int MaxLength(XLMRobertaTokenizer tokenizer, TokenizerOptions options, TruncationStrategy truncation)
    {
        CheckRanges(options);
        int maxLength = options.MaxLength ?? tokenizer.ModelMaxLength ?? 0;
        if (truncation != TruncationStrategy.None && options.Padding != PaddingStrategy.None
            && options.PadToMultipleOf is { } multiple && maxLength % multiple != 0)
        {
            throw new ArgumentException(
                $"{nameof(TokenizerOptions.MaxLength)} {maxLength} must be a multiple of {nameof(TokenizerOptions.PadToMultipleOf)} {multiple} when both truncation and padding are on.",
                nameof(options));
        }
        return maxLength;
    }

    /// <summary>How many tokens beside special ones truncation leaves.</summary>
    /// <exception cref="ArgumentException">There is no room for the special tokens, or the stride takes up what room there is.</exception>
    public static int Room(TokenizerOptions options, TruncationStrategy truncation, int maxLength, int specialTokens)
    {
        if (truncation == TruncationStrategy.None)
            return int.MaxValue;
        int room = maxLength - specialTokens;
        if (room < 0)
        {
            throw new ArgumentException(
                $"{nameof(TokenizerOptions.MaxLength)} {maxLength} leaves no room for the {specialTokens} special tokens of a row.", nameof(options));
        }
        if (options.Stride > 0 && options.Stride >= room)
        {
            throw new ArgumentException(
                $"{nameof(TokenizerOptions.Stride)} {options.Stride} must be less than the {room} tokens that {nameof(TokenizerOptions.MaxLength)} {maxLength} leaves beside {specialTokens} special ones.",
                nameof(options));
        }
        return room;
    }

    private static void CheckRanges(TokenizerOptions options)
    {
        if (options.MaxLength is <= 0)
            throw OutOfRange(nameof(TokenizerOptions.MaxLength), options.MaxLength, "at least 1");
        if (options.Stride < 0)
            throw OutOfRange(nameof(TokenizerOptions.Stride), options.Stride, "at least 0");
        if (options.PadToMultipleOf is <= 0)
            throw OutOfRange(nameof(TokenizerOptions.PadToMultipleOf), options.PadToMultipleOf, "at least 1");
        if (options.MaxDegreeOfParallelism is 0 or < -1)
            throw OutOfRange(nameof(TokenizerOptions.MaxDegreeOfParallelism), options.MaxDegreeOfParallelism, "-1 or at least 1");
        CheckDefined(nameof(TokenizerOptions.Padding), options.Padding);
        CheckDefined(nameof(TokenizerOptions.Truncation), options.Truncation ?? TruncationStrategy.None);
        CheckDefined(nameof(TokenizerOptions.PaddingSide), options.PaddingSide ?? Side.Right);
        CheckDefined(nameof(TokenizerOptions.TruncationSide), options.TruncationSide ?? Side.Right);
        CheckDefined(nameof(TokenizerOptions.OffsetUnit), options.OffsetUnit);
    }

    private static void CheckDefined<T>(string name, T value) where T : struct, Enum
    {
        if (!Enum.IsDefined(value))
            throw OutOfRange(name, value, $"one of {string.Join(", ", Enum.GetNames<T>())}");
    }

    private static ArgumentOutOfRangeException OutOfRange(string name, object? found, string expected) =>
        new("options", found, $"{nameof(TokenizerOptions)}.{name} must be {expected}.");
}
