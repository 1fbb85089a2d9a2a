using System.Runtime.Intrinsics.X86;
using TorchSharp;
using static TorchSharp.torch;

namespace AltClip.Native;

/// <summary>
/// Has oneDNN compute float32 products until it is disposed, in place of MKL, which takes a slow path on processors that are not Intel's.
/// libtorch does so when products may be rounded, which oneDNN makes use of with AMX only: there, where a product proves to be rounded, and
/// where libtorch has no such setting, everything stays as it is. The setting is the process's.
/// </summary>
internal sealed unsafe class OneDnnProducts : IDisposable
{
    // at::Float32Backend::MKLDNN, at::Float32Op::MATMUL, at::Float32Precision::BF16
    private const int Backend = 2;
    private const int Operation = 3;
    private const int MayRound = 3;
    private const string GlobalContext = "_ZN2at13globalContextEv";
    private const string Get = "_ZNK2at7Context16float32PrecisionENS_14Float32BackendENS_9Float32OpE";
    private const string Set = "_ZN2at7Context19setFloat32PrecisionENS_14Float32BackendENS_9Float32OpENS_16Float32PrecisionE";

    /// <summary>The mangled names that libtorch must export.</summary>
    internal static IReadOnlyList<string> Symbols { get; } = [GlobalContext, Get, Set];

    private static readonly Lazy<OneDnnSetting?> Setting = new(FindSetting);

    private readonly int _before;

    public OneDnnProducts()
    {
        if (Setting.Value is not { } setting) return;
        _before = setting.Value;
        setting.Value = MayRound;
    }

    public void Dispose()
    {
        if (Setting.Value is { } setting) setting.Value = _before;
    }

    private static OneDnnSetting? FindSetting()
    {
        if (!OperatingSystem.IsLinux() || !Avx512F.IsSupported || HasAmx) return null;
        if (!LibtorchExports.TryFind(GlobalContext, out var context) || !LibtorchExports.TryFind(Get, out var get)
            || !LibtorchExports.TryFind(Set, out var set)) return null;
        var setting = new OneDnnSetting(((delegate* unmanaged<nint>)context)(), get, set);
        return IsExact(setting) ? setting : null;
    }

    private static bool HasAmx => (X86Base.CpuId(7, 0).Edx & (1 << 24)) != 0;

    /// <summary>Whether a product of numbers that bfloat16 can't tell from 1 comes out exactly.</summary>
    private static bool IsExact(OneDnnSetting setting)
    {
        const int size = 64;
        const double step = 1.0 / 512;
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using Scalar element = 1 + step, exact = size * (1 + step) * (1 + step);
        var matrix = full([size, size], element, float32, CPU);
        var before = setting.Value;
        setting.Value = MayRound;
        var product = matrix.mm(matrix);
        setting.Value = before;
        return product.eq(exact).all().item<bool>();
    }

    private sealed class OneDnnSetting(nint context, nint get, nint set)
    {
        public int Value
        {
            get => ((delegate* unmanaged<nint, int, int, int>)get)(context, Backend, Operation);
            set => ((delegate* unmanaged<nint, int, int, int, void>)set)(context, Backend, Operation, value);
        }
    }
}
