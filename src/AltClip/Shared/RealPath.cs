namespace AltClip.Shared;

/// <summary>The one name of a file or folder: its path with all links in it resolved.</summary>
internal static class RealPath
{
    /// <summary>Resolves the links in a path. What isn't there has its full path.</summary>
    /// <param name="path">A file or folder.</param>
    /// <exception cref="IOException">A link leads to itself.</exception>
    public static string Of(string path)
    {
        var full = Path.GetFullPath(path);
        var real = Path.GetPathRoot(full)!;
        foreach (var name in full[real.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            real = Path.Combine(real, name);
            real = Directory.ResolveLinkTarget(real, returnFinalTarget: true)?.FullName ?? real;
        }
        return real;
    }
}
