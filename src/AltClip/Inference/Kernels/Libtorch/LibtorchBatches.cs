using TorchSharp;
using static TorchSharp.torch;

namespace AltClip.Inference.Kernels.Libtorch;

/// <summary>How much libtorch computes at once.</summary>
/// <param name="Pictures">See <see cref="IEncoder.PicturesAtOnce"/>.</param>
/// <param name="PaddedTokens">See <see cref="IEncoder.PaddedTokensAtOnce"/>.</param>
internal sealed record LibtorchBatches(int Pictures, int? PaddedTokens)
{
    /// <summary>
    /// For a GPU, which is given each product by the CPU: many pictures, and one product for all texts. The widest states of either are a few
    /// hundred MB at full size.
    /// </summary>
    public static LibtorchBatches Gpu { get; } = new(256, 1 << 16);

    /// <summary>As many as are fastest on a device: on the CPU as oneDNN's, which is what libtorch computes with on most of them.</summary>
    public static LibtorchBatches Of(Device device, ScalarType dtype) =>
        device.type != DeviceType.CPU ? Gpu : new(dtype == ScalarType.Float32 ? 1 : 4, null);
}
