using System.Text;

namespace AltClip.Shared;

/// <summary>Text of files that users write, which is UTF-8 or refused: letters of another encoding would be replaced without a word.</summary>
internal static class Utf8Text
{
    /// <summary>What is wrong with a file that isn't.</summary>
    public const string Problem = "it is not UTF-8 throughout";

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The whole text of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="refuse">Makes an exception of what is wrong; null for an <see cref="IOException"/>.</param>
    public static string Of(string path, Func<string, Exception>? refuse = null)
    {
        using var reader = Open(path);
        return Read(path, reader.ReadToEnd, refuse);
    }

    /// <summary>The lines of a file.</summary>
    /// <inheritdoc cref="Of" path="/param"/>
    public static IEnumerable<string> Lines(string path, Func<string, Exception>? refuse = null)
    {
        using var reader = Open(path);
        while (Read(path, reader.ReadLine, refuse) is { } line) yield return line;
    }

    /// <summary>A reader that throws a <see cref="DecoderFallbackException"/> at what is no UTF-8.</summary>
    public static StreamReader Open(string path) => new(path, Strict);

    private static T Read<T>(string path, Func<T> read, Func<string, Exception>? refuse)
    {
        try
        {
            return read();
        }
        catch (DecoderFallbackException)
        {
            const string Expected = $"{Problem}; expected text that is saved as UTF-8";
            throw refuse?.Invoke(Expected) ?? new IOException($"{path}: {Expected}.");
        }
    }
}
