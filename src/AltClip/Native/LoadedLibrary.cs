using System.Runtime.Versioning;
using System.Text.RegularExpressions;

namespace AltClip.Native;

/// <summary>A shared library of this process and the symbol versions it defines.</summary>
/// <param name="Path">The file it was loaded from.</param>
/// <param name="Versions">The names of the versions, such as <c>GLIBCXX_3.4.30</c>.</param>
[SupportedOSPlatform("linux")]
internal sealed record LoadedLibrary(string Path, IReadOnlyCollection<string> Versions)
{
    /// <summary>Finds a library by its soname among the files mapped into this process.</summary>
    /// <param name="soname">Such as <c>libstdc++.so.6</c>; glibc's own files may also be named after its version (<c>libc-2.31.so</c>).</param>
    /// <returns>The library, or null when none of that name is loaded.</returns>
    /// <exception cref="BadImageFormatException">The file is damaged.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static LoadedLibrary? Find(string soname)
    {
        var stem = Regex.Escape(soname[..soname.IndexOf(".so", StringComparison.Ordinal)]);
        var mapped = new Regex($@"/.*/{stem}(-[0-9.]+)?\.so(\.[0-9.]+)?$");
        var path = File.ReadLines("/proc/self/maps").Select(line => mapped.Match(line).Value).FirstOrDefault(match => match.Length > 0);
        return path is null ? null : new(path, new ElfImage(File.ReadAllBytes(path), path).Definitions.ToHashSet());
    }

    /// <summary>The newest version this library defines of those that share a version's name, so GLIBCXX_3.4.30 for GLIBCXX_3.4.32.</summary>
    /// <param name="version">A version's name.</param>
    /// <returns>The newest one's name, or null when there is none.</returns>
    public string? NewestLike(string version)
    {
        var prefix = version[..(version.LastIndexOf('_') + 1)];
        return Versions.Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
            .MaxBy(name => Version.TryParse(name.AsSpan(prefix.Length), out var number) ? number : null);
    }
}
