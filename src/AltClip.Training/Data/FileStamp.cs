using Microsoft.Win32.SafeHandles;

namespace AltClip.Training.Data;

/// <summary>Tells a file from the one that takes its place, and from itself after it was written to.</summary>
internal readonly record struct FileStamp(long Length, DateTime Written)
{
    /// <summary>Of the open file, not of whatever has its path by then.</summary>
    public static FileStamp Of(SafeFileHandle file) => new(RandomAccess.GetLength(file), File.GetLastWriteTimeUtc(file));

    /// <summary>For messages.</summary>
    public override string ToString() => $"{Length} bytes of {Written:O}";
}
