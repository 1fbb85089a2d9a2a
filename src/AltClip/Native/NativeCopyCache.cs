using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using AltClip.Shared;

namespace AltClip.Native;

/// <summary>Keeps adapted copies of shared libraries where nobody but the current user can write.</summary>
/// <param name="root">The folder that is the user's alone, or null when there is none: every copy is then a temporary one.</param>
[SupportedOSPlatform("linux")]
internal sealed partial class NativeCopyCache(string? root)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Gets the folder, or null when there is none.</summary>
    public string? Root => root;

    /// <summary>Puts a library on disk, unless the very same bytes are there already, and loads it.</summary>
    /// <param name="key">Names the copy's folder under <c>native</c>.</param>
    /// <param name="fileName">The copy's name in that folder.</param>
    /// <param name="content">The copy's bytes.</param>
    /// <param name="load">Loads a library from a path; its <see cref="DllNotFoundException"/> leads to a second attempt from the
    /// temporary folder (homes are at times mounted without the right to execute).</param>
    /// <returns>What <paramref name="load"/> returned.</returns>
    /// <exception cref="IOException">Neither the cache nor the temporary folder can be written to.</exception>
    /// <exception cref="UnauthorizedAccessException">As for <see cref="IOException"/>.</exception>
    /// <exception cref="DllNotFoundException">The copy does not load.</exception>
    public nint Load(string key, string fileName, byte[] content, Func<string, nint> load)
    {
        try
        {
            if (root is not null)
                return load(StoreInCache(root, key, fileName, content));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DllNotFoundException)
        {
            // What fails in the temporary folder, the second chance, is what the caller hears of.
        }

        var folder = Directory.CreateTempSubdirectory("altclip-");
        try
        {
            var path = Path.Combine(folder.FullName, fileName);
            File.WriteAllBytes(path, content);
            return load(path);
        }
        finally
        {
            // A loaded library needs no name.
            folder.Delete(recursive: true);
        }
    }

    private static string StoreInCache(string root, string key, string fileName, byte[] content)
    {
        Directory.CreateDirectory(root, OwnerOnly);
        RefuseFolderOfOthers(root);
        // With the root shut to others, the folders below need no check of their own.
        File.SetUnixFileMode(root, OwnerOnly);
        var folder = Directory.CreateDirectory(Path.Combine(root, "native", key)).FullName;

        var path = Path.Combine(folder, fileName);
        // Comparing every byte finds whatever damage there is, for the price of one read.
        if (File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(content))
            return path;

        using var staged = new StagedFiles();
        File.WriteAllBytes(staged.Reserve(path), content);
        staged.Commit();
        return path;
    }

    /// <summary>.NET tells a folder's mode but not its owner, who could put another library in our place.</summary>
    private static void RefuseFolderOfOthers(string folder)
    {
        const int currentFolder = -100, noFollow = 0x100, basicFields = 0x7ff, modeAt = 28, ownerAt = 20, kindMask = 0xf000, directory = 0x4000;
        var status = new byte[256];
        if (Statx(currentFolder, folder, noFollow, basicFields, status) != 0)
            throw new IOException($"'{folder}' cannot be examined: {Marshal.GetLastPInvokeErrorMessage()}.");
        var owner = BinaryPrimitives.ReadUInt32LittleEndian(status.AsSpan(ownerAt));
        var kind = BinaryPrimitives.ReadUInt16LittleEndian(status.AsSpan(modeAt)) & kindMask;
        if (kind != directory || owner != EffectiveUser())
            throw new UnauthorizedAccessException($"'{folder}' is not a folder of the current user.");
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint fields, [Out] byte[] status);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();
}
