namespace AltClip.Shared;

/// <summary>The one name of a file or folder: its path with all links in it resolved.</summary>
internal static class RealPath
{
    private const int MostLinks = 40; // as Linux has it

    /// <summary>Resolves the links in a path. What isn't there has its full path.</summary>
    /// <param name="path">A file or folder.</param>
    /// <exception cref="IOException">Links lead in a circle.</exception>
    public static string Of(string path)
    {
        var links = 0;
        return Resolve("", Path.GetFullPath(path), ref links) ?? throw new IOException($"{path}: its links lead in a circle.");
    }

    /// <summary>Follows a path from a folder whose own has no link in it; null if there are too many.</summary>
    private static string? Resolve(string folder, string path, ref int links)
    {
        var root = Path.GetPathRoot(path)!;
        var real = root.Length > 0 ? root : folder;
        foreach (var name in path[root.Length..].Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries))
        {
            var next = name == ".." ? Path.GetDirectoryName(real) ?? real : name == "." ? real : Path.Combine(real, name);
            // Of what a link says, too, each part may be one.
            if (new FileInfo(next).LinkTarget is not { } target) real = next;
            else if (++links > MostLinks || Resolve(real, target, ref links) is not { } resolved) return null;
            else real = resolved;
        }
        return real;
    }
}
