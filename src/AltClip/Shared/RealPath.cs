namespace AltClip.Shared;

/// <summary>The one name of a file or folder: its path with all links in it resolved.</summary>
internal static class RealPath
{
    // As many as Linux follows.
    private const int MostLinks = 40;

    /// <summary>The file that a path leads to, or what the path itself is where it is no link.</summary>
    /// <param name="path">A file or a link to one.</param>
    /// <inheritdoc cref="Of" path="/exception"/>
    public static FileInfo FileAt(string path) => new FileInfo(path) is { LinkTarget: null } file ? file : new FileInfo(Of(path));

    /// <summary>
    /// Resolves the links in a path as the system does, which .NET doesn't: to it, <c>..</c> in a link is the folder above in the path by which the link was
    /// reached, also where that path has links itself. What isn't there has its full path.
    /// </summary>
    /// <param name="path">A file or folder.</param>
    /// <exception cref="IOException">Links lead in a circle.</exception>
    public static string Of(string path)
    {
        var full = Path.GetFullPath(path);
        var real = Path.GetPathRoot(full)!;
        var (ahead, links) = (new Stack<string>(), 0);
        Add(full[real.Length..]);
        while (ahead.TryPop(out var name))
        {
            if (name == ".") continue;
            if (name == "..")
            {
                real = Path.GetDirectoryName(real) ?? real;
                continue;
            }
            var next = Path.Combine(real, name);
            if (new DirectoryInfo(next).LinkTarget is not { } target)
            {
                real = next;
                continue;
            }
            if (++links > MostLinks) throw new IOException($"{path}: the links in it lead round in a circle.");
            if (Path.IsPathRooted(target))
            {
                real = Path.GetPathRoot(target)!;
                target = target[real.Length..];
            }
            Add(target);
        }
        return real;

        void Add(string names)
        {
            foreach (var name in names.Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries).Reverse())
                ahead.Push(name);
        }
    }
}
