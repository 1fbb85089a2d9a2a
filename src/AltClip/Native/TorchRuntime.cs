using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using System.Runtime.Versioning;
using TorchSharp;

namespace AltClip.Native;

/// <summary>The native library beneath TorchSharp.</summary>
public static class TorchRuntime
{
    private const string NativeLibraryName = "LibTorchSharp";

    private static readonly Lock Gate = new();
    private static nint _handle;
    private static volatile bool _isLoaded;

    /// <summary>
    /// Loads TorchSharp and libtorch now, on Linux systems with an older libstdc++ too. From the moment any type of AltClip is used,
    /// TorchSharp's own loading does the same when it needs to. This method is for programs and notebooks that call TorchSharp before
    /// anything of AltClip, and for those that want one clear exception at a moment of their choice.
    /// </summary>
    /// <exception cref="DllNotFoundException">A native library is missing or cannot run on this system; the message says which one,
    /// which version was found, which one is needed and what to do.</exception>
    public static void EnsureLoaded()
    {
        if (_isLoaded) return;
        // When these fail, TorchSharp would first copy all of libtorch and print its search, and only then throw. From the folder of a package,
        // as in notebooks, it finds the other packages.
        if (!TorchBackend.LiesInPackage(typeof(torch).Assembly)) TorchBackend.Load(typeof(torch).Assembly, "torch_cpu");
        if (HasGlibc) NativeLibrary.TryLoad(NativeLibraryName, typeof(torch).Assembly, null, out _);
        try
        {
            torch.InitializeDeviceType(DeviceType.CPU);
        }
        catch (TypeInitializationException e) when (e.InnerException is NotSupportedException missing)
        {
            throw new DllNotFoundException(missing.Message, e);
        }
        _isLoaded = true;
    }

    [SupportedOSPlatformGuard("linux")]
    private static bool HasGlibc =>
        OperatingSystem.IsLinux() && NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "gnu_get_libc_version", out _);

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "Only those who listen before TorchSharp loads its library take part in it.")]
    internal static void TakePartInLoading()
    {
        if (!HasGlibc)
            return;
        // The context that TorchSharp lives in is the one that is asked; a plugin or notebook may have it in another one than AltClip.
        AssemblyLoadContext.GetLoadContext(typeof(torch).Assembly)!.ResolvingUnmanagedDll += Resolve;
    }

    /// <summary>The runtime asks this, for P/Invokes and for NativeLibrary.TryLoad alike, only after its own search failed.</summary>
    [SupportedOSPlatform("linux")]
    private static nint Resolve(Assembly assembly, string library)
    {
        if (library != NativeLibraryName || assembly.GetName().Name != "TorchSharp")
            return 0;
        lock (Gate)
            return _handle = _handle != 0 ? _handle : TorchNativeLoader.Load(assembly);
    }
}
