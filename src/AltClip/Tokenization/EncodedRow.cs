namespace AltClip.Tokenization;

/// <summary>One row before padding.</summary>
internal sealed class EncodedRow(int length, RowOptions options)
{
    public int[] Ids { get; } = new int[length];

    public int[]? TypeIds { get; } = options.TypeIds ? new int[length] : null;

    public int[]? SpecialMask { get; } = options.SpecialMask ? new int[length] : null;

    public (int Start, int End)[]? Offsets { get; } = options.Offsets ? new (int, int)[length] : null;

    public int Length => Ids.Length;

    /// <summary>A sequence or a pair with its special tokens.</summary>
    public static EncodedRow Create(
        SequenceTemplate template, TokenList first, TokenRange firstRange, TokenList second, TokenRange secondRange, RowOptions options)
    {
        int special = options.AddSpecialTokens ? template.AddedCount : 0;
        var row = new EncodedRow(special + firstRange.Length + secondRange.Length, options);
        int position = 0;
        foreach (SequenceTemplate.Part part in template.Parts)
        {
            int start = position;
            if (part.Sequence >= 0)
                position = row.Write(position, part.Sequence == 0 ? first : second, part.Sequence == 0 ? firstRange : secondRange);
            else if (options.AddSpecialTokens)
                position = row.WriteSpecial(position, part.SpecialIds);
            row.TypeIds?.AsSpan(start..position).Fill(part.TypeId);
        }
        return row;
    }

    /// <summary>The row with padding at <paramref name="side"/>, itself where it is long enough.</summary>
    public EncodedRow Pad(int length, int padId, Side side, RowOptions options)
    {
        if (Length >= length)
            return this;
        var padded = new EncodedRow(length, options);
        int start = side == Side.Right ? 0 : length - Length;
        padded.Ids.AsSpan().Fill(padId);
        padded.SpecialMask?.AsSpan().Fill(1);
        Ids.CopyTo(padded.Ids, start);
        TypeIds?.CopyTo(padded.TypeIds!, start);
        SpecialMask?.CopyTo(padded.SpecialMask!, start);
        Offsets?.CopyTo(padded.Offsets!, start);
        return padded;
    }

    private int Write(int position, TokenList tokens, TokenRange range)
    {
        tokens.Ids.Slice(range.Start, range.Length).CopyTo(Ids.AsSpan(position));
        for (int i = 0; Offsets is not null && i < range.Length; i++)
            Offsets[position + i] = tokens.Offset(range.Start + i);
        return position + range.Length;
    }

    private int WriteSpecial(int position, int[] ids)
    {
        ids.CopyTo(Ids, position);
        SpecialMask?.AsSpan(position, ids.Length).Fill(1);
        return position + ids.Length;
    }
}

/// <summary>What the rows of a batch hold.</summary>
internal readonly record struct RowOptions(bool AddSpecialTokens, bool TypeIds, bool SpecialMask, bool Offsets);
