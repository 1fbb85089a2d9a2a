using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Security.Cryptography;

namespace AltClip.Native;

/// <summary>
/// Loads TorchSharp's <c>libLibTorchSharp.so</c> where the runtime's own search failed. The library is linked against a libstdc++
/// newer than that of Debian 12 and Ubuntu 22.04, yet calls nothing that was added since: of <c>GLIBCXX_3.4.32</c> it only names a
/// marker. Where the system lacks nothing but such versions, a copy is loaded in which they are weak.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class TorchNativeLoader
{
    private const string FileName = "libLibTorchSharp.so";
    private const string StandardLibrary = "libstdc++.so.6";

    /// <summary>Finds and loads the library.</summary>
    /// <param name="torchSharp">The assembly that asks for it.</param>
    /// <returns>Its handle, or 0 when it is in none of the places known here.</returns>
    /// <exception cref="DllNotFoundException">The library is there but cannot be loaded; the message says why.</exception>
    public static nint Load(Assembly torchSharp)
    {
        if (TorchBackend.Find(torchSharp, FileName) is not { } path)
            return 0;
        // Its own search path leads to its folder only, and a copy lies in another one; libraries that are loaded already are found by their names.
        foreach (var library in (string[])["torch_cpu", "torch"]) TorchBackend.Load(torchSharp, library);
        return Load(path, new NativeCopyCache(UserCache.Folder));
    }

    /// <summary>Loads a library as it is or, where only versions that it does not use are missing, from an adapted copy.</summary>
    /// <param name="path">The library.</param>
    /// <param name="cache">Where copies go.</param>
    /// <returns>The library's handle.</returns>
    /// <exception cref="DllNotFoundException">Neither loads.</exception>
    internal static nint Load(string path, NativeCopyCache cache)
    {
        try
        {
            return NativeLibrary.Load(path);
        }
        catch (DllNotFoundException plain)
        {
            try
            {
                return LoadAdapted(path, cache, plain);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or BadImageFormatException)
            {
                throw new DllNotFoundException($"'{path}' does not load, and looking for the reason failed: {e.Message} {plain.Message}", e);
            }
        }
    }

    private static nint LoadAdapted(string path, NativeCopyCache cache, DllNotFoundException plain)
    {
        var original = File.ReadAllBytes(path);
        var image = new ElfImage(original, path);
        var missing = MissingVersions(image);
        if (missing.Count == 0)
            throw plain;
        // Other libraries' versions may be promises of the loader itself (GLIBC_ABI_DT_RELR), bound to no symbol and needed nonetheless.
        var vital = missing.Where(version => version.Need.IsBound || version.Need.Library != StandardLibrary).ToList();
        if (vital.Count > 0)
            throw new DllNotFoundException($"{Describe(path, vital)}. Use a newer system: Debian 12, Ubuntu 22.04 and later have these.", plain);

        var adapted = image.WithWeakVersions(missing.Select(version => version.Need));
        try
        {
            return cache.Load(Convert.ToHexStringLower(SHA256.HashData(original)), Path.GetFileName(path), adapted, NativeLibrary.Load);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DllNotFoundException)
        {
            throw new DllNotFoundException(
                $"{Describe(path, missing)}. A copy that does without loads neither from {cache.Root ?? "a home folder, which is missing,"} nor " +
                $"from {Path.GetTempPath()}: {e.Message} If the folders are at fault, set XDG_CACHE_HOME or TMPDIR to one that can be " +
                "written to and allows execution.", e);
        }
    }

    private static List<(ElfVersionNeed Need, LoadedLibrary Library)> MissingVersions(ElfImage image) =>
    [
        .. from need in image.Needs
           group need by need.Library into needs
           let library = LoadedLibrary.Find(needs.Key)
           where library is not null
           from need in needs
           where !library.Versions.Contains(need.Version)
           select (need, library),
    ];

    private static string Describe(string path, IEnumerable<(ElfVersionNeed Need, LoadedLibrary Library)> missing) =>
        $"'{path}' needs " + string.Join(", ", missing.Select(version =>
            $"{version.Need.Version} of {version.Need.Library} ('{version.Library.Path}' has " +
            $"{version.Library.NewestLike(version.Need.Version) ?? "no such version"} at most)"));
}
