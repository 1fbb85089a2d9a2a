using System.Buffers.Binary;
using System.Text;

namespace AltClip.Shared;

/// <summary>Says what a file is that has the name of a model's file and is none: what downloads that went wrong leave behind.</summary>
internal static class FileKind
{
    /// <summary>How many bytes of a file are enough to tell.</summary>
    public const int Bytes = 512;

    /// <summary>What the file is, after "the file is"; null where it may be what its name says.</summary>
    /// <param name="beginning">Its first bytes.</param>
    public static string? Of(ReadOnlySpan<byte> beginning)
    {
        if (IsGitLfsPointer(beginning))
            return "a Git LFS pointer, not the file itself: run 'git lfs pull' in its repository, or download it from the model's page";
        var text = Text(beginning);
        if (StartsWith(text, "<!doctype html"u8) || StartsWith(text, "<html"u8) || StartsWith(text, "<head"u8))
            return "an HTML page, such as a server's login or error page saved under this name: download it again";
        if (StartsWith(text, "<?xml"u8))
            return "an XML page, such as a server's error saved under this name: download it again";
        return null;
    }

    /// <summary>Whether it is what Git LFS keeps in a repository in place of a large file, of any kind.</summary>
    /// <param name="beginning">The file's first bytes.</param>
    public static bool IsGitLfsPointer(ReadOnlySpan<byte> beginning) => beginning.StartsWith("version https://git-lfs"u8);

    /// <summary>What the file is, of its text.</summary>
    public static string? Of(string text) => Of(Encoding.UTF8.GetBytes(text[..Math.Min(text.Length, Bytes)]));

    /// <summary>The same for weights in the safetensors format.</summary>
    /// <param name="beginning">The file's first bytes.</param>
    public static string? OfNoSafeTensors(ReadOnlySpan<byte> beginning) => Of(beginning)
        ?? (beginning.StartsWith("PK\x3\x4"u8) ? "a zip archive, as torch.save writes it: its name ends with .bin" : null) ?? OfJson(beginning);

    /// <summary>The same for weights that torch.save wrote.</summary>
    /// <param name="beginning">The file's first bytes.</param>
    public static string? OfNoPyTorch(ReadOnlySpan<byte> beginning) => Of(beginning)
        ?? (IsSafeTensors(beginning) ? "in the safetensors format: its name ends with .safetensors" : null) ?? OfJson(beginning);

    private static string? OfJson(ReadOnlySpan<byte> beginning) =>
        Text(beginning) is [(byte)'{' or (byte)'[', ..] ? "JSON text, such as an index or a server's answer: download it again" : null;

    private static bool IsSafeTensors(ReadOnlySpan<byte> beginning) =>
        beginning.Length > sizeof(ulong) && beginning[sizeof(ulong)] == '{' && BinaryPrimitives.ReadUInt64LittleEndian(beginning) is > 1 and < 100_000_000;

    private static ReadOnlySpan<byte> Text(ReadOnlySpan<byte> beginning) =>
        (beginning is [0xEF, 0xBB, 0xBF, ..] ? beginning[3..] : beginning).TrimStart(" \t\r\n"u8);

    private static bool StartsWith(ReadOnlySpan<byte> text, ReadOnlySpan<byte> lower)
    {
        if (text.Length < lower.Length) return false;
        for (var i = 0; i < lower.Length; i++)
        {
            if (char.ToLowerInvariant((char)text[i]) != lower[i]) return false;
        }
        return true;
    }
}
