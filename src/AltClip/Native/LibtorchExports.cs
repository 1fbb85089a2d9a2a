using System.Diagnostics;
using System.Runtime.InteropServices;

namespace AltClip.Native;

/// <summary>What libtorch exports by mangled names, in the versions that <see cref="TriedVersions"/> has.</summary>
internal static unsafe class LibtorchExports
{
    private static readonly Lazy<nint> Library = new(Find);
    private static readonly Lazy<bool> OneDnn = new(AskForOneDnn);

    /// <summary>
    /// Whether libtorch was built with oneDNN, by <c>at::Context::hasMKLDNN</c>: code that names operators which it lacks would end the process.
    /// </summary>
    public static bool HasOneDnn => OneDnn.Value;

    /// <summary>Its name there.</summary>
    internal static string HasOneDnnName => OperatingSystem.IsWindows() ? "?hasMKLDNN@Context@at@@SA_NXZ" : "_ZN2at7Context9hasMKLDNNEv";

    /// <summary>Looks a name up in the libtorch that is loaded.</summary>
    public static bool TryFind(string name, out nint address)
    {
        address = 0;
        return Library.Value != 0 && NativeLibrary.TryGetExport(Library.Value, name, out address);
    }

    private static bool AskForOneDnn() => TryFind(HasOneDnnName, out var ask) && ((delegate* unmanaged<byte>)ask)() != 0;

    private static nint Find()
    {
        if (!TriedVersions.HaveTorchSharp) return 0;
        TorchRuntime.EnsureLoaded();
        var file = OperatingSystem.IsWindows() ? "torch_cpu.dll" : "libtorch_cpu.so";
        using var process = Process.GetCurrentProcess();
        var path = process.Modules.Cast<ProcessModule>().FirstOrDefault(module => module.ModuleName == file)?.FileName;
        return path is not null && NativeLibrary.TryLoad(path, out var library) ? library : 0;
    }
}
