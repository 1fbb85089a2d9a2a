namespace AltClip.Shared;

/// <summary>The folder that results go into, as it is named.</summary>
internal static class OutputFolder
{
    /// <summary>Its full path, which ends in no separator. It need not be there.</summary>
    /// <exception cref="IOException">It, or one above it, is a file: found out here, and not after the work.</exception>
    public static string At(string name)
    {
        var target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(name));
        for (var path = target; path is not null; path = Path.GetDirectoryName(path))
            if (File.Exists(path)) throw new IOException($"{path} is a file; expected a folder{(path == target ? "" : $" above {target}")}.");
        return target;
    }
}
