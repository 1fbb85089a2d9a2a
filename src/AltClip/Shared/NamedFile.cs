using System.Text;
using System.Text.Json;

namespace AltClip.Shared;

/// <summary>The one wrapper round readers of files: what they find wrong is said with the file's name, as an exception of AltClip.</summary>
internal static class NamedFile
{
    /// <summary>Reads, and names the file where that fails for what is in it. That a file can't be read at all, its exception says itself.</summary>
    /// <param name="name">What messages call the file.</param>
    /// <param name="wrong">Makes the exception, of a message and what led to it.</param>
    /// <param name="read">The reader.</param>
    public static T Read<T>(string name, Func<string, Exception, AltClipException> wrong, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (IsOfContent(e))
        {
            throw wrong($"{name}: {e.Message}", e);
        }
    }

    // System.Text.Json says in these ways that a value is missing, of the wrong kind, out of range, or no Unicode.
    private static bool IsOfContent(Exception e) =>
        e is AltClipException or JsonException or InvalidOperationException or FormatException or KeyNotFoundException or OverflowException
            or DecoderFallbackException;
}
