using Microsoft.Win32.SafeHandles;

namespace AltClip.Shared;

/// <summary>By what a file that was replaced or written into is told from what it was.</summary>
/// <param name="Length">Its bytes.</param>
/// <param name="Written">When it was last written.</param>
/// <param name="Created">When it was made: a file that is moved into the place of another was made at another time, where the system says so.</param>
internal readonly record struct FileStamp(long Length, DateTime Written, DateTime Created)
{
    /// <summary>Of the file that has a path now, links followed; null if there is none.</summary>
    public static FileStamp? Of(string path)
    {
        try
        {
            var file = RealPath.FileAt(path);
            return file.Exists ? new(file.Length, file.LastWriteTimeUtc, file.CreationTimeUtc) : null;
        }
        catch (IOException)
        {
            return null; // it went while it was looked at
        }
    }

    /// <summary>Of a file that is open.</summary>
    public static FileStamp Of(SafeFileHandle file) => new(RandomAccess.GetLength(file), File.GetLastWriteTimeUtc(file), File.GetCreationTimeUtc(file));
}
