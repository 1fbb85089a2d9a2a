namespace AltClip.Hub;

/// <summary>
/// The lock on a blob that is being downloaded. Opening a file for oneself is <c>flock</c> on Unix and a sharing mode on Windows, which the
/// locks of Python's <c>filelock</c> wait for, and the other way round. As there, the file stays when the lock is gone.
/// </summary>
internal static class HubLock
{
    // What a file held by another is called by Linux (EWOULDBLOCK), macOS, and Windows (sharing and lock violations).
    private static readonly int[] HeldErrors = [11, 35, unchecked((int)0x80070020), unchecked((int)0x80070021)];

    /// <summary>Waits until no other process or thread has the lock.</summary>
    /// <param name="path">The lock's file.</param>
    /// <param name="wait">Waits a moment before the lock is tried again.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The lock, which the caller disposes.</returns>
    public static async Task<IDisposable> AcquireAsync(string path, Func<CancellationToken, Task> wait, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                return Open(path);
            }
            catch (IOException e) when (HeldErrors.Contains(e.HResult))
            {
                await wait(cancellationToken);
            }
        }
    }

    /// <summary>In a cache that is shared, the file may be another user's, which can be locked without being written to.</summary>
    private static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException) when (File.Exists(path))
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.None);
        }
    }
}
