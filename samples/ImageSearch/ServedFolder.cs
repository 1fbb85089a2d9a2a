namespace ImageSearch;

/// <summary>The folder whose pictures are given away, and nothing beside it, whatever links in it lead to.</summary>
internal sealed class ServedFolder(string path)
{
    private const int MostLinks = 40; // as Linux has it

    private readonly string _path = Path.GetFullPath(path);

    /// <summary>The file of a picture by its path in the folder; null where there is none, or one that is elsewhere in truth.</summary>
    public string? Find(string id)
    {
        var file = Path.GetFullPath(Path.Combine(_path, id));
        return IsIn(file, _path) && File.Exists(file) && RealPath(file) is { } real && RealPath(_path) is { } folder && IsIn(real, folder) ? real : null;
    }

    private static bool IsIn(string file, string folder) =>
        file.StartsWith(Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>The path without links in any of its parts; null if they go in a circle.</summary>
    private static string? RealPath(string path)
    {
        var root = Path.GetPathRoot(path)!;
        var (real, links) = (root, 0);
        var rest = new Stack<string>(Parts(path[root.Length..]));
        while (rest.TryPop(out var part))
        {
            var next = Path.Combine(real, part);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                real = next;
                continue;
            }
            if (++links > MostLinks) return null;
            // Of what the link says, too, each part may be one.
            var full = Path.GetFullPath(target, real);
            real = Path.GetPathRoot(full)!;
            foreach (var inTarget in Parts(full[real.Length..])) rest.Push(inTarget);
        }
        return real;
    }

    /// <summary>The names in a path, the last one first, as a stack takes them.</summary>
    private static IEnumerable<string> Parts(string path) =>
        path.Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries).Reverse();
}
