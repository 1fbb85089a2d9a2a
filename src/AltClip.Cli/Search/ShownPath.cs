namespace AltClip.Cli;

/// <summary>Ids of pictures as people read and copy them: from the current folder on where they are in it, in full elsewhere.</summary>
internal static class ShownPath
{
    /// <summary>As a line of a list, or a part of it.</summary>
    public static string Of(string id) => TerminalText.ShownName(Exact(id));

    /// <summary>What is wrong with a picture, which is named once.</summary>
    public static string WithError(string id, string error) =>
        error.Contains(id, StringComparison.Ordinal) ? error.Replace(id, Of(id), StringComparison.Ordinal) : $"{Of(id)}: {error}";

    /// <summary>Whatever is in the name, as other programs need it.</summary>
    public static string Exact(string id)
    {
        if (!Path.IsPathRooted(id)) return id;
        var path = Path.GetRelativePath(Environment.CurrentDirectory, id);
        if (Path.IsPathRooted(path) || path.StartsWith("..", StringComparison.Ordinal)) return id;
        // An option, to other programs.
        return path.StartsWith('-') ? $".{Path.DirectorySeparatorChar}{path}" : path;
    }
}
