using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using AltClip.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace AltClip.Inference.Kernels.OneDnn;

/// <summary>oneDNN's packed products, weights in its order and activations and residuals fused, on x64.</summary>
internal sealed class OneDnnKernel : IEncoderKernel
{
    public string Name => "OneDnn";

    public bool Supports(EncoderSpec encoder, InferencePrecision precision, Device device) =>
        device.type == DeviceType.CPU && OneDnnWeights.HasCode(encoder.Activation) && Has(precision);

    public IEncoder Pack(EncoderSpec encoder, InferencePrecision precision, Device device, bool release) =>
        new OneDnnEncoder(encoder, precision, device, release);

    private static bool HasAvx512 => Avx512BW.IsSupported && Avx512BW.VL.IsSupported && Avx512DQ.IsSupported;

    /// <summary>
    /// Whether there are products of a precision, and right ones: oneDNN has those that make bfloat16, as int8's do of queries too, for AVX-512 only, and
    /// those for AVX-512 are wrong where the sizes of the caches are hidden.
    /// </summary>
    public static bool Has(InferencePrecision precision) =>
        RuntimeInformation.ProcessArchitecture == Architecture.X64
        && (HasAvx512 ? !ProcessorCaches.AreHidden : precision == InferencePrecision.Float32)
        && LibtorchExports.HasOneDnn;
}
