using System.IO.Compression;
using System.Text;

namespace AltClip.Imaging.Png;

/// <summary>EXIF as ImageMagick and older programs put it into PNG: hexadecimal digits in a chunk of text.</summary>
internal static class RawProfile
{
    // EXIF of JPEG has at most 64 kB, twice that in digits, and ends of lines.
    private const int MostText = 1 << 18;

    // Before the digits: an empty line, what the profile is, and its length.
    private const int LinesBefore = 3;

    private static ReadOnlySpan<byte> Keyword => "Raw profile type exif\0"u8;

    /// <summary>The EXIF block of a chunk, or null if it has none.</summary>
    /// <param name="type">The chunk's type.</param>
    /// <param name="payload">What is in it; it may be damaged.</param>
    public static byte[]? Exif(ReadOnlySpan<byte> type, ReadOnlySpan<byte> payload)
    {
        if (!payload.StartsWith(Keyword))
            return null;
        var text = payload[Keyword.Length..];
        if (type.SequenceEqual("tEXt"u8))
            return Bytes(text);
        if (type.SequenceEqual("zTXt"u8) && text.Length > 1)
            return Bytes(Inflate(text[1..]));
        // Whether it is compressed, by what, its language, and the keyword in it.
        if (!type.SequenceEqual("iTXt"u8) || text.Length < 4 || text[2..].IndexOf((byte)0) is var language && language < 0)
            return null;
        var translated = text[(language + 3)..];
        var start = translated.IndexOf((byte)0) + 1;
        return Bytes(text[0] == 0 ? translated[start..] : Inflate(translated[start..]));
    }

    private static byte[]? Bytes(ReadOnlySpan<byte> text)
    {
        var digits = string.Concat(Encoding.Latin1.GetString(text).Split('\n').Skip(LinesBefore)).Trim();
        try
        {
            return Convert.FromHexString(digits);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static ReadOnlySpan<byte> Inflate(ReadOnlySpan<byte> compressed)
    {
        using var stream = new ZLibStream(new MemoryStream(compressed.ToArray()), CompressionMode.Decompress);
        var text = new byte[MostText];
        try
        {
            return text.AsSpan(0, stream.ReadAtLeast(text, MostText, throwOnEndOfStream: false));
        }
        catch (InvalidDataException)
        {
            return default;
        }
    }
}
