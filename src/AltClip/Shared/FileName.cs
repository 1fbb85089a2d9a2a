namespace AltClip.Shared;

/// <summary>Names of files that come from outside: out of an index, from a server.</summary>
internal static class FileName
{
    /// <summary>Whether a text is one name, without a folder. Separators of every system count, so that a name is refused alike everywhere.</summary>
    public static bool IsOne(string text) =>
        text.Length is > 0 and <= 255 && text[^1] is not ('.' or ' ') && !text.Any(c => c is '/' or '\\' or ':' || char.IsControl(c));
}
