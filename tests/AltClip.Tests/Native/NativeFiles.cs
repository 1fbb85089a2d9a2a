using AltClip.Native;
using Xunit;

namespace AltClip.Tests;

/// <summary>The native libraries this test process runs with.</summary>
internal static class NativeFiles
{
    public static string TorchSharp => Find("libLibTorchSharp.so");

    public static string C10 => Find("libc10.so");

    /// <summary>Gets whether this system's libstdc++ has everything that TorchSharp was linked against.</summary>
    public static bool LoadsPlainly =>
        !OperatingSystem.IsLinux() || LoadedLibrary.Find("libstdc++.so.6")!.Versions.Contains("GLIBCXX_3.4.32");

    public static void RequireLinux() => Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux only: other systems load TorchSharp as it is.");

    private static string Find(string file) =>
        ((string)AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES")!).Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, file))
            .First(File.Exists);
}
