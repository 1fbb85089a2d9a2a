using System.Globalization;

namespace AltClip.Tokenization;

/// <summary>Which characters may share an extended grapheme cluster (UAX #29) with a neighbour.</summary>
internal static class GraphemeJoins
{
    /// <summary>The character may belong to one cluster with the character before or after it.</summary>
    public const byte Joins = 2;

    /// <summary>The character may belong to one cluster with the character after it, whichever that is.</summary>
    public const byte Prepends = 4;

    private static readonly byte[] Table = Build();

    /// <summary>The flags of every UTF-16 unit. Between two units without <see cref="Joins"/> there always is a boundary.</summary>
    public static ReadOnlySpan<byte> Flags => Table;

    private static byte[] Build()
    {
        var flags = new byte[char.MaxValue + 1];
        Span<char> pair = stackalloc char[2];
        for (int c = 0; c < flags.Length; c++)
        {
            if (char.IsSurrogate((char)c))
            {
                // the scripts of U+11000-U+113FF, U+11800-U+11FFF have prepended letters; their surrogates stand for all of them
                flags[c] = c is 0xD804 or 0xD806 or 0xD807 ? (byte)(Joins | Prepends) : Joins;
                continue;
            }
            (pair[0], pair[1]) = ('a', (char)c);
            bool extends = StringInfo.GetNextTextElementLength(pair) == 2;
            (pair[0], pair[1]) = ((char)c, 'a');
            bool prepends = StringInfo.GetNextTextElementLength(pair) == 2;
            if (extends || prepends || c == '\r' || IsHangulJamo(c))
                flags[c] = prepends ? (byte)(Joins | Prepends) : Joins;
        }
        return flags;
    }

    private static bool IsHangulJamo(int c) => c is >= 0x1100 and <= 0x11FF or >= 0xA960 and <= 0xA97F or >= 0xD7B0 and <= 0xD7FF;
}
