using AltClip.Shared;

namespace AltClip.Cli;

/// <summary>
/// Files and folders that are there whole or not at all. Each is written in a folder of its own beside the name that counts, one level further
/// down than what is finished, so that no one who reads a job's results, however early, takes it for one.
/// </summary>
internal static class Unfinished
{
    private const string Mark = ".unfinished-";

    // A worker writes a part in seconds; what is older is of one that was killed.
    private static readonly TimeSpan LeftOverAge = TimeSpan.FromHours(1);

    /// <summary>Whether a path is of something unfinished.</summary>
    public static bool Is(string path) => Path.GetFileName(path).Contains(Mark);

    /// <summary>Writes a file or folder, then moves it to the name that counts, unless there is one.</summary>
    /// <param name="final">The name that counts.</param>
    /// <param name="write">Writes to the path that it is given; the folder it is in exists.</param>
    /// <returns>Whether it was moved; if not, another worker had written the same.</returns>
    /// <exception cref="IOException">It can't be written; nothing is left.</exception>
    /// <remarks>
    /// No folder can be renamed over one with files, so that of two workers that make the same part, one is told that it is there.
    /// </remarks>
    public static async Task<bool> WriteAsync(string final, Func<string, Task> write)
    {
        var beside = $"{final}{Mark}{Guid.NewGuid():N}";
        try
        {
            Directory.CreateDirectory(beside);
            var path = Path.Combine(beside, Path.GetFileName(final));
            await write(path);
            if (Directory.Exists(path))
            {
                FolderOnDisk.Flush(path);
                Directory.Move(path, final);
            }
            else
            {
                File.Move(path, final, overwrite: false);
            }
            FolderOnDisk.Flush(Path.GetDirectoryName(Path.GetFullPath(final))!);
            return true;
        }
        // The worker that was first may have deleted this one's as left over.
        catch (IOException) when (Path.Exists(final))
        {
            return false;
        }
        finally
        {
            Delete(beside);
        }
    }

    /// <inheritdoc cref="WriteAsync"/>
    public static bool Write(string final, Action<string> write)
    {
        var written = WriteAsync(final, path =>
        {
            write(path);
            return Task.CompletedTask;
        });
        // Nothing in it waits, so that it has ended.
        return written.GetAwaiter().GetResult();
    }

    /// <summary>Deletes what workers that were killed an hour ago or earlier have left in a folder.</summary>
    public static void DeleteOld(string folder) => Delete(folder, DateTime.UtcNow - LeftOverAge);

    /// <summary>Deletes all that is unfinished in a folder where all is finished; who still writes there is too late.</summary>
    public static void DeleteAll(string folder) => Delete(folder, DateTime.MaxValue);

    private static void Delete(string folder, DateTime before)
    {
        if (!Directory.Exists(folder)) return;
        foreach (var entry in new DirectoryInfo(folder).EnumerateDirectories($"*{Mark}*"))
        {
            if (entry.LastWriteTimeUtc < before) Delete(entry.FullName);
        }
    }

    private static void Delete(string beside)
    {
        try
        {
            Directory.Delete(beside, recursive: true);
        }
        catch (IOException)
        {
            // Another worker deletes it too, or still writes into it. It harms no one, and whoever is the last deletes it.
        }
    }
}
