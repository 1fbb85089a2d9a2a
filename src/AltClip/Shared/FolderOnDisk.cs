using System.Runtime.InteropServices;

namespace AltClip.Shared;

/// <summary>Puts on the disk which files a folder has: the bytes of a moved file may be there, and its new name not yet.</summary>
internal static partial class FolderOnDisk
{
    private const int ReadOnly = 0;
    private const int InputOutputError = 5;

    /// <summary>Waits until it is there. Where the system or its file system doesn't do that, nothing happens.</summary>
    /// <exception cref="IOException">The disk failed.</exception>
    public static void Flush(string folder)
    {
        if (!OperatingSystem.IsLinux()) return;
        // .NET opens no folders.
        int handle = Open(folder, ReadOnly);
        if (handle < 0) return;
        bool failed = Sync(handle) != 0 && Marshal.GetLastPInvokeError() == InputOutputError;
        _ = Close(handle);
        if (failed) throw new IOException($"{folder}: its names can't be put on the disk.");
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int handle);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int handle);
}
