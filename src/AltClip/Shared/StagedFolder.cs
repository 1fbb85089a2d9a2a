namespace AltClip.Shared;

/// <summary>
/// A folder that is filled beside its final name and moved there whole. While it is filled a file in it is locked, by which the next one that is
/// made for the same name knows what a process that was killed has left, and deletes it.
/// </summary>
internal sealed class StagedFolder : IDisposable
{
    private const string LockName = ".writing";

    // Between the lock's end and the move there is a moment without.
    private static readonly TimeSpan AgeWithoutLock = TimeSpan.FromHours(1);

    private readonly string _final;
    private FileStream? _lock;

    /// <param name="final">The folder; it may be there if it is empty.</param>
    public StagedFolder(string final)
    {
        _final = System.IO.Path.TrimEndingDirectorySeparator(final);
        DeleteLeftOver();
        Path = $"{_final}.{Guid.NewGuid():N}.tmp";
        Directory.CreateDirectory(Path);
        _lock = new FileStream(System.IO.Path.Combine(Path, LockName), FileMode.CreateNew, FileAccess.Write, FileShare.None);
    }

    /// <summary>Where to write.</summary>
    public string Path { get; }

    /// <summary>Moves the folder to its name.</summary>
    public void Commit()
    {
        Unlock();
        File.Delete(System.IO.Path.Combine(Path, LockName));
        if (Directory.Exists(_final)) Directory.Delete(_final);
        Directory.Move(Path, _final);
    }

    /// <summary>Deletes what was not committed.</summary>
    public void Dispose()
    {
        Unlock();
        if (Directory.Exists(Path)) Directory.Delete(Path, recursive: true);
    }

    private void Unlock()
    {
        _lock?.Dispose();
        _lock = null;
    }

    private void DeleteLeftOver()
    {
        var parent = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(_final));
        if (!Directory.Exists(parent)) return;
        foreach (var folder in Directory.GetDirectories(parent, $"{System.IO.Path.GetFileName(_final)}.*.tmp").Where(folder => StagedFiles.IsTemporary(folder) && IsLeft(folder)))
            Directory.Delete(folder, recursive: true);
    }

    /// <summary>Whether no process is filling the folder.</summary>
    private static bool IsLeft(string folder)
    {
        try
        {
            using var free = new FileStream(System.IO.Path.Combine(folder, LockName), FileMode.Open, FileAccess.Write, FileShare.None);
            return true;
        }
        catch (FileNotFoundException)
        {
            return Directory.GetLastWriteTimeUtc(folder) < DateTime.UtcNow - AgeWithoutLock;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
