using AltClip.Shared;

namespace AltClip.Cli;

/// <summary>A folder that is there whole or not at all. It is written beside; what a process that was killed left there goes with the next.</summary>
internal static class NewFolder
{
    private const string LockName = ".writing";

    // From when a folder is made until its lock is held, and from when that goes until it is moved.
    private static readonly TimeSpan Unlocked = TimeSpan.FromMinutes(1);

    /// <summary>Makes a folder.</summary>
    /// <param name="folder">The folder; it may be there if it is empty.</param>
    /// <param name="write">Writes into the folder that it is given.</param>
    public static void Write(string folder, Action<string> write)
    {
        var name = folder.TrimEnd(Path.DirectorySeparatorChar);
        DeleteLeftOver(name);
        var beside = $"{name}.{Guid.NewGuid():N}.tmp";
        try
        {
            Directory.CreateDirectory(beside);
            using (new FileStream(Path.Combine(beside, LockName), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose)) write(beside);
            if (Directory.Exists(folder)) Directory.Delete(folder);
            Directory.Move(beside, folder);
            FolderOnDisk.Flush(Path.GetDirectoryName(Path.GetFullPath(name))!);
        }
        finally
        {
            if (Directory.Exists(beside)) Directory.Delete(beside, recursive: true);
        }
    }

    private static void DeleteLeftOver(string name)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(name)) is not { } parent || !Directory.Exists(parent)) return;
        foreach (var beside in Directory.GetDirectories(parent, $"{Path.GetFileName(name)}.{new string('?', 32)}.tmp"))
            if (Path.GetFileName(beside) is { Length: > 37 } found && Guid.TryParseExact(found[^36..^4], "N", out _) && IsLeftOver(beside)) Delete(beside);
    }

    /// <summary>Whether no process writes a folder any more.</summary>
    private static bool IsLeftOver(string beside)
    {
        try
        {
            // The lock of a living process refuses it. That of a dead one is a file like any other.
            File.OpenHandle(Path.Combine(beside, LockName), FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
            return true;
        }
        catch (FileNotFoundException)
        {
            return DateTime.UtcNow - Directory.GetLastWriteTimeUtc(beside) > Unlocked;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static void Delete(string beside)
    {
        try
        {
            Directory.Delete(beside, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another process deletes it too.
        }
    }
}
