using TorchSharp;

namespace AltClip.Native;

/// <summary>
/// What this folder reaches for below TorchSharp is no one's promise: mangled names in libtorch (<see cref="LibtorchExports"/>), a private field
/// (<see cref="ParameterCount"/>), an entry of an ELF file (<see cref="ElfImage"/>). It is done with the versions that it was tried on, and left
/// alone with others, which then are slower, or count one tensor more, but give the same numbers. The ELF file alone is judged by what is in
/// it, as without that nothing would load.
/// </summary>
internal static class TriedVersions
{
    /// <summary>TorchSharp's, each of which is made for one libtorch: 0.107 for libtorch 2.10.</summary>
    public static IReadOnlyList<Version> TorchSharp { get; } = [new(0, 107)];

    /// <summary>Whether the TorchSharp that is used is one of them.</summary>
    public static bool HaveTorchSharp { get; } =
        typeof(torch).Assembly.GetName().Version is { } version && TorchSharp.Contains(new Version(version.Major, version.Minor));
}
