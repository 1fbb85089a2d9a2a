namespace AltClip.Cli;

/// <summary>Ids of pictures as people read and copy them: from the current folder on where they are in it, in full elsewhere.</summary>
internal static class ShownPath
{
    public static string Of(string id)
    {
        if (!Path.IsPathRooted(id)) return id;
        var path = Path.GetRelativePath(Environment.CurrentDirectory, id);
        if (Path.IsPathRooted(path) || path.StartsWith("..", StringComparison.Ordinal)) return id;
        // An option, to other programs.
        return path.StartsWith('-') ? $".{Path.DirectorySeparatorChar}{path}" : path;
    }
}
