using System.Runtime.ExceptionServices;

namespace AltClip.Tokenization;

/// <summary>Encodes a batch under options that were checked: sequences, truncation, special tokens, padding.</summary>
internal sealed class BatchEncoder
{
    /// <summary>Fewer UTF-16 units than this are encoded sooner than threads start.</summary>
    private const int ParallelThreshold = 1 << 13;

    private readonly XLMRobertaTokenizer _tokenizer;
    private readonly TokenizerOptions _options;
    private readonly SequenceTemplate _template;
    private readonly TruncationStrategy _truncation;
    private readonly int _room;
    private readonly int _padLength;
    private readonly Side _truncationSide;
    private readonly RowOptions _rowOptions;

    /// <exception cref="ArgumentException">The options are at odds with each other or out of range.</exception>
    public BatchEncoder(XLMRobertaTokenizer tokenizer, SequenceTemplate template, TokenizerOptions options)
    {
        _tokenizer = tokenizer;
        _options = options;
        _template = template;
        _truncationSide = options.TruncationSide ?? tokenizer.TruncationSide;
        _rowOptions = new(options.AddSpecialTokens, options.ReturnTokenTypeIds, options.ReturnSpecialTokensMask, options.ReturnOffsetsMapping);
        _truncation = TokenizerOptionsCheck.EffectiveTruncation(tokenizer, options);
        int maxLength = TokenizerOptionsCheck.MaxLength(tokenizer, options, _truncation);
        int special = options.AddSpecialTokens ? template.AddedCount : 0;
        _room = TokenizerOptionsCheck.Room(options, _truncation, maxLength, special);
        _padLength = options.Padding == PaddingStrategy.MaxLength ? maxLength : 0;
    }

    /// <summary>Encodes <paramref name="count"/> rows.</summary>
    /// <param name="count">How many.</param>
    /// <param name="units">How many UTF-16 units they have together, about.</param>
    /// <param name="encodeFirst">Adds the tokens of the first sequence of a row.</param>
    /// <param name="encodeSecond">Adds those of the second, null where there is none.</param>
    /// <param name="cancellationToken">Stops between rows.</param>
    public BatchEncoding Encode(
        int count, long units, SequenceSource encodeFirst, SequenceSource? encodeSecond, CancellationToken cancellationToken)
    {
        var rows = new EncodedRow[count];
        EncodedRow[]?[]? overflows = _options.ReturnOverflowingTokens ? new EncodedRow[]?[count] : null;
        if (count == 1 || units < ParallelThreshold || _options.MaxDegreeOfParallelism == 1)
        {
            for (int i = 0; i < count; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                rows[i] = EncodeRow(i, encodeFirst, encodeSecond, overflows);
            }
        }
        else
        {
            EncodeInParallel(rows, encodeFirst, encodeSecond, overflows, cancellationToken);
        }
        return Assemble(rows, overflows);
    }

    private void EncodeInParallel(
        EncodedRow[] rows, SequenceSource encodeFirst, SequenceSource? encodeSecond, EncodedRow[]?[]? overflows, CancellationToken cancellationToken)
    {
        var parallel = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = _options.MaxDegreeOfParallelism };
        try
        {
            Parallel.For(0, rows.Length, parallel, i => rows[i] = EncodeRow(i, encodeFirst, encodeSecond, overflows));
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }

    /// <summary>The row; the rows that overflow from it go to <paramref name="overflows"/>, where they are wanted.</summary>
    private EncodedRow EncodeRow(int index, SequenceSource encodeFirst, SequenceSource? encodeSecond, EncodedRow[]?[]? overflows)
    {
        EncodingBuffers buffers = EncodingBuffers.Rent();
        TokenList first = buffers.First, second = buffers.Second;
        first.Clear(_options.ReturnOffsetsMapping);
        second.Clear(_options.ReturnOffsetsMapping);
        encodeFirst(index, buffers, first);
        encodeSecond?.Invoke(index, buffers, second);
        EncodedRow row = _truncation == TruncationStrategy.None || first.Count + second.Count <= _room
            ? CreateRow(buffers, new(0, first.Count), new(0, second.Count))
            : Truncate(buffers, pair: encodeSecond is not null, index, overflows);
        buffers.Return();
        return row;
    }

    private EncodedRow CreateRow(EncodingBuffers buffers, TokenRange first, TokenRange second) =>
        EncodedRow.Create(_template, buffers.First, first, buffers.Second, second, _rowOptions);

    private EncodedRow Truncate(EncodingBuffers buffers, bool pair, int index, EncodedRow[]?[]? overflows)
    {
        TokenList first = buffers.First, second = buffers.Second;
        (int keptFirst, int keptSecond) = SequenceTruncation.Kept(first.Count, pair ? second.Count : null, _room, _truncation);
        List<TokenRange> firsts = SequenceTruncation.Parts(first.Count, keptFirst, _options.Stride, _truncationSide);
        List<TokenRange> seconds = SequenceTruncation.Parts(second.Count, keptSecond, _options.Stride, _truncationSide);
        if (overflows is not null)
        {
            // the order in which the reference merges the two: each further part of the first with every part of the second,
            // then the first's own with the further parts of the second
            overflows[index] =
            [
                .. firsts.Skip(1).SelectMany(_ => seconds, (a, b) => CreateRow(buffers, a, b)),
                .. seconds.Skip(1).Select(b => CreateRow(buffers, firsts[0], b)),
            ];
        }
        return CreateRow(buffers, firsts[0], seconds[0]);
    }

    private BatchEncoding Assemble(EncodedRow[] rows, EncodedRow[]?[]? overflows)
    {
        int padLength = _padLength;
        if (_options.Padding == PaddingStrategy.Longest)
        {
            foreach (EncodedRow row in rows)
                padLength = Math.Max(padLength, row.Length);
        }
        if (_options.Padding != PaddingStrategy.None && _options.PadToMultipleOf is { } multiple)
            padLength = (padLength + multiple - 1) / multiple * multiple;

        int[]? sampleOf = null;
        if (overflows is not null)
        {
            sampleOf = [.. rows.SelectMany((_, i) => Enumerable.Repeat(i, 1 + (overflows[i]?.Length ?? 0)))];
            rows = [.. rows.SelectMany((row, i) => overflows[i]?.Prepend(row) ?? [row])];
        }
        Side side = _options.PaddingSide ?? _tokenizer.PaddingSide;
        int[][]? attentionMask = _options.ReturnAttentionMask ? AttentionMask(rows, padLength, side) : null;
        for (int i = 0; i < rows.Length; i++)
            rows[i] = rows[i].Pad(padLength, _tokenizer.PadTokenId, side, _rowOptions);
        return new BatchEncoding(Array.ConvertAll(rows, r => r.Ids))
        {
            AttentionMask = attentionMask,
            TokenTypeIds = _rowOptions.TypeIds ? Array.ConvertAll(rows, r => r.TypeIds!) : null,
            SpecialTokensMask = _rowOptions.SpecialMask ? Array.ConvertAll(rows, r => r.SpecialMask!) : null,
            OffsetMapping = _rowOptions.Offsets ? Array.ConvertAll(rows, r => r.Offsets!) : null,
            Length = _options.ReturnLength ? Array.ConvertAll(rows, r => r.Length) : null,
            OverflowToSampleMapping = sampleOf,
        };
    }

    /// <summary>The masks that rows will have once they are padded.</summary>
    private static int[][] AttentionMask(EncodedRow[] rows, int padLength, Side side)
    {
        var masks = new int[rows.Length][];
        for (int i = 0; i < rows.Length; i++)
        {
            int length = rows[i].Length;
            masks[i] = new int[Math.Max(length, padLength)];
            masks[i].AsSpan(side == Side.Right ? 0 : masks[i].Length - length, length).Fill(1);
        }
        return masks;
    }
}

/// <summary>Adds the tokens of the sequence at <paramref name="index"/> of a batch.</summary>
internal delegate void SequenceSource(int index, EncodingBuffers buffers, TokenList tokens);
