using AltClip.Tests;

namespace AltClip.Faults.Places;

/// <summary>A file system in memory of any size, which can become larger or read-only.</summary>
internal sealed class LittlePlace : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>Mounts it.</summary>
    public LittlePlace()
    {
        Shell.Run("mount", "-t", "tmpfs", "-o", $"size={Enough}", "none", _folder.Path);
        Directory.CreateDirectory(Folder);
    }

    public const long Enough = 256 << 20;

    public string Folder => _folder.File("work");

    /// <summary>How many bytes are in use.</summary>
    public long Used
    {
        get
        {
            var drive = new DriveInfo(_folder.Path);
            return drive.TotalSize - drive.TotalFreeSpace;
        }
    }

    public void Resize(long bytes) => Shell.Run("mount", "-o", $"remount,size={bytes}", _folder.Path);

    public void SetReadOnly(bool isReadOnly) => Shell.Run("mount", "-o", isReadOnly ? "remount,ro" : "remount,rw", _folder.Path);

    public void Dispose()
    {
        Shell.Run("umount", _folder.Path);
        _folder.Dispose();
    }
}
