namespace AltClip.Shared;

/// <summary>The file that a result goes into, as it is named.</summary>
internal static class OutputFile
{
    /// <summary>Its full path, with a link followed. It need not be there, but its folder must.</summary>
    /// <exception cref="IOException">It is a folder, a pipe, a device or a socket: found out here, and not after the work.</exception>
    public static string At(string name)
    {
        var path = RealPath.FileAt(Path.GetFullPath(name)).FullName;
        if (Directory.Exists(path)) throw new IOException($"{name} is a folder; expected a file.");
        RegularFile.RefuseOthers(path);
        if (Path.GetDirectoryName(path) is { } folder && !Directory.Exists(folder)) throw new DirectoryNotFoundException($"The folder {folder} doesn't exist.");
        return path;
    }
}
