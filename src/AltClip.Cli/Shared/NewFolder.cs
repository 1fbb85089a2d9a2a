using AltClip.Shared;

namespace AltClip.Cli;

/// <summary>
/// A folder that is there whole or not at all. It is written beside, where a lock file says so from before the folder is there until it is moved: what a
/// process that was killed left goes with the next.
/// </summary>
internal static class NewFolder
{
    private const string LockEnd = ".lock";

    /// <summary>Makes a folder.</summary>
    /// <param name="folder">The folder; it may be there if it is empty.</param>
    /// <param name="write">Writes into the folder that it is given.</param>
    public static void Write(string folder, Action<string> write)
    {
        var name = folder.TrimEnd(Path.DirectorySeparatorChar);
        DeleteLeftOver(name);
        using (Begin(name, out var beside))
        {
            try
            {
                Directory.CreateDirectory(beside);
                write(beside);
                if (Directory.Exists(folder)) Directory.Delete(folder);
                Directory.Move(beside, folder);
            }
            finally
            {
                if (Directory.Exists(beside)) Directory.Delete(beside, recursive: true);
            }
        }
        FolderOnDisk.Flush(Path.GetDirectoryName(Path.GetFullPath(name))!);
    }

    /// <summary>Takes a name beside, by its lock, which goes when it is closed.</summary>
    private static FileStream Begin(string name, out string beside)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(name))!);
        while (true)
        {
            beside = TemporaryName.Beside(name);
            try
            {
                var held = new FileStream(beside + LockEnd, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
                // Another process may have taken it for a dead one's before it was held.
                if (File.Exists(beside + LockEnd)) return held;
                held.Dispose();
            }
            catch (IOException) when (File.Exists(beside + LockEnd))
            {
                // It holds it at this moment, to delete it.
            }
        }
    }

    private static void DeleteLeftOver(string name)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(name)) is not { } parent || !Directory.Exists(parent)) return;
        var locked = Directory.GetFiles(parent, TemporaryName.Any + LockEnd).Select(path => path[..^LockEnd.Length]);
        foreach (var beside in Directory.GetDirectories(parent, TemporaryName.Any).Union(locked).Where(TemporaryName.Is))
            if (TemporaryName.Final(beside) == Path.GetFileName(name)) DeleteIfLeftOver(beside);
    }

    private static void DeleteIfLeftOver(string beside)
    {
        try
        {
            // The lock of a living process refuses it; that of a dead one is a file like any other, and goes last.
            using var held = File.Exists(beside + LockEnd)
                ? new FileStream(beside + LockEnd, FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose) : null;
            if (Directory.Exists(beside)) Directory.Delete(beside, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A living process writes it, or another deletes it too.
        }
    }
}
