using System.Reflection;
using System.Runtime.InteropServices;

namespace AltClip.Native;

/// <summary>libtorch, which the app brings by a package of its choice.</summary>
internal static class TorchBackend
{
    /// <summary>
    /// Loads a library of libtorch's, so that those linked against it find it by its name.
    /// </summary>
    /// <param name="torchSharp">The assembly on whose behalf the runtime searches, as TorchSharp does.</param>
    /// <param name="library">Its name without prefix and suffix.</param>
    /// <exception cref="DllNotFoundException">It is not there, or does not load; the message says which, and what to do.</exception>
    public static void Load(Assembly torchSharp, string library)
    {
        try
        {
            NativeLibrary.Load(library, torchSharp, null);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            var version = torchSharp.GetName().Version?.ToString(3);
            throw new DllNotFoundException(
                Find(torchSharp, FileName(library)) is { } path
                    ? $"TorchSharp {version} needs libtorch, and '{path}' does not load: {FirstLine(e.Message)}"
                    : $"TorchSharp {version} needs libtorch, and the app has no '{FileName(library)}'. Add the package TorchSharp-cpu to the app, or "
                        + "TorchSharp-cuda-linux or TorchSharp-cuda-windows for NVIDIA GPUs, in TorchSharp's version: "
                        + $"dotnet add package TorchSharp-cpu --version {version}",
                e);
        }
    }

    /// <summary>
    /// Whether TorchSharp.dll lies in its NuGet package, as in notebooks, and not beside an app. TorchSharp then looks for libtorch in the packages beside it.
    /// </summary>
    public static bool LiesInPackage(Assembly torchSharp) =>
        Path.GetDirectoryName(torchSharp.Location) is { Length: > 0 } folder
        && File.Exists(Path.Combine(folder, "..", "..", "torchsharp.nuspec"));

    /// <summary>
    /// Looks where the host keeps native libraries (build output, package folders, unpacked single files), beside the assemblies, and in
    /// the NuGet package that TorchSharp.dll lies in (notebooks).
    /// </summary>
    public static string? Find(Assembly torchSharp, string fileName)
    {
        var hosted = (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "").Split(Path.PathSeparator);
        var assemblies = Path.GetDirectoryName(torchSharp.Location) is { Length: > 0 } folder ? folder : AppContext.BaseDirectory;
        return hosted.Where(Path.IsPathFullyQualified)
            .Append(assemblies)
            .Append(AppContext.BaseDirectory)
            .Append(Path.Combine(assemblies, "..", "..", "runtimes", RuntimeInformation.RuntimeIdentifier, "native"))
            .Select(directory => Path.GetFullPath(fileName, directory))
            .FirstOrDefault(File.Exists);
    }

    private static string FileName(string library) =>
        OperatingSystem.IsWindows() ? $"{library}.dll" : OperatingSystem.IsMacOS() ? $"lib{library}.dylib" : $"lib{library}.so";

    // The rest is a list of all places that were tried.
    private static string FirstLine(string message) => message.Split('\n')[0].TrimEnd();
}
