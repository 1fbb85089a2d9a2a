using AltClip.Configuration;
using TorchSharp;
using static TorchSharp.torch;

namespace AltClip.Inference.Kernels.Panels;

/// <summary>
/// This library's own machine code (<see cref="PanelCode"/>), for widths and activations of the published models on Linux with AVX-512 or AVX2. Of
/// pictures over oneDNN's packed products, as measured with AVX-512: in int8 each row has a step of its own, and nothing is read twice to find it;
/// in float32 and bfloat16 1 to 3 % less time.
/// </summary>
internal sealed class PanelsKernel(PanelInstructions instructions) : IEncoderKernel
{
    public string Name => instructions.Name;

    public bool Supports(EncoderSpec encoder, InferencePrecision precision, Device device)
    {
        int[] widths = [encoder.Width, encoder.HeadSize, encoder.Intermediate, .. encoder.Head.Select(product => (int)product.weight!.shape[0])];
        return device.type == DeviceType.CPU
            && encoder.Activation is ActivationFunction.Gelu or ActivationFunction.QuickGelu
            && widths.All(width => width % PanelCode.Columns == 0)
            && instructions.Code(PanelNumbersExtensions.Of(precision)) is not null && instructions.Code(PanelNumbers.Float32) is not null;
    }

    public bool HeedsCalibration(EncoderSpec encoder, InferencePrecision precision) =>
        IsCalibrated(encoder, instructions.Code(PanelNumbersExtensions.Of(precision)));

    /// <summary>Whether products take their inputs as was measured: those of 8-bit inputs, as 16 bits have steps enough for all.</summary>
    public static bool IsCalibrated(EncoderSpec encoder, PanelCode? code) => encoder.Calibration is not null && code?.Rows == PanelNumbers.Int8;

    public IEncoder Pack(EncoderSpec encoder, InferencePrecision precision, Device device, bool release) =>
        new PanelEncoder(encoder, precision, instructions, release);
}
