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

    /// <summary>Whether there are products of a precision: oneDNN has those that make bfloat16, as int8's do of queries too, for AVX-512 only.</summary>
    public static bool Has(InferencePrecision precision) =>
        RuntimeInformation.ProcessArchitecture == Architecture.X64
        && (precision == InferencePrecision.Float32 || (Avx512BW.IsSupported && Avx512BW.VL.IsSupported && Avx512DQ.IsSupported))
        && LibtorchExports.HasOneDnn;
}
