using System.Runtime.InteropServices;
using AltClip.Tests;

namespace AltClip.Faults.Places;

/// <summary>
/// A file system of its own whose power is cut: ext4 in a file, shut down as xfstests does it (<c>FS_IOC_SHUTDOWN</c> without writing out its
/// journal), then mounted again. What was not synced is gone. It is mounted so that the kernel does not sync what is renamed by itself.
/// </summary>
internal sealed class PowerCutPlace : IPlace
{
    private const ulong Shutdown = 0x8004587D;
    private const long Size = 64 << 20;

    private readonly TemporaryFolder _folder = new();
    private readonly string _image, _mount;
    private int _cuts;

    public PowerCutPlace()
    {
        (_image, _mount) = (_folder.File("disk"), _folder.File("mount"));
        Directory.CreateDirectory(_mount);
    }

    public string Folder => Path.Combine(_mount, "work");

    public bool KeepsWhatWasSaid => false;

    public void Clear()
    {
        Unmount();
        using (var file = File.Create(_image)) file.SetLength(Size);
        Shell.Run("mkfs.ext4", "-q", "-F", _image);
        Mount();
        Directory.CreateDirectory(Folder);
    }

    public void Settle() => Shell.Run("sync", "-f", _mount);

    public void AfterKill()
    {
        if (_cuts++ % 2 == 0) Commit();
        var handle = Open(_mount, 0);
        var flag = 2u; // no log is written out
        var result = handle < 0 ? -1 : Control(handle, Shutdown, ref flag);
        if (handle >= 0) _ = Close(handle);
        if (result != 0) throw new IOException($"{_mount} can't be shut down: error {Marshal.GetLastPInvokeError()}.");
        Unmount();
        Mount();
        Directory.CreateDirectory(Folder);
    }

    public void Dispose()
    {
        Unmount();
        _folder.Dispose();
    }

    /// <summary>Another program syncs a file of its own, by which the journal gets all names, also of files whose bytes it doesn't get.</summary>
    private void Commit()
    {
        using var file = File.Create(Path.Combine(_mount, "other"));
        file.WriteByte(0);
        file.Flush(flushToDisk: true);
    }

    private void Mount() => Shell.Run("mount", "-o", "loop,noauto_da_alloc,commit=300", _image, _mount);

    private void Unmount()
    {
        if (File.ReadLines("/proc/self/mounts").Any(line => line.Split(' ')[1] == _mount)) Shell.Run("umount", _mount);
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static extern int Control(int handle, ulong request, ref uint argument);

    [DllImport("libc", EntryPoint = "close")]
    private static extern int Close(int handle);
}
