namespace AltClip.Cli;

/// <summary>A file or folder under a name of its own, until it is moved to the name that counts. What was not moved is deleted.</summary>
/// <param name="final">The name that counts.</param>
internal sealed class Unfinished(string final) : IDisposable
{
    private const string Mark = ".unfinished-";

    // A worker writes a part in seconds; what is older is of one that was killed.
    private static readonly TimeSpan LeftOverAge = TimeSpan.FromHours(1);

    /// <summary>Where to write.</summary>
    public string Path { get; } = $"{final}{Mark}{Guid.NewGuid():N}";

    /// <summary>Whether a path is of something unfinished.</summary>
    public static bool Is(string path) => System.IO.Path.GetFileName(path).Contains(Mark);

    /// <summary>Deletes what workers that were killed while they wrote have left in a folder.</summary>
    public static void DeleteLeftOver(string folder)
    {
        if (!Directory.Exists(folder)) return;
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos($"*{Mark}*"))
        {
            if (DateTime.UtcNow - entry.LastWriteTimeUtc < LeftOverAge) continue;
            if (entry is DirectoryInfo unfinished) unfinished.Delete(recursive: true);
            else entry.Delete();
        }
    }

    /// <summary>Moves the file or folder to the name that counts, unless there is one.</summary>
    /// <returns>Whether it was moved.</returns>
    /// <remarks>
    /// No folder can be renamed over one with files, so that of two workers that make the same part, one is told that it is there.
    /// </remarks>
    public bool MoveUnlessThere()
    {
        try
        {
            if (Directory.Exists(Path)) Directory.Move(Path, final);
            else File.Move(Path, final, overwrite: false);
            return true;
        }
        catch (IOException) when (System.IO.Path.Exists(final))
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Directory.Exists(Path)) Directory.Delete(Path, recursive: true);
        File.Delete(Path);
    }
}
