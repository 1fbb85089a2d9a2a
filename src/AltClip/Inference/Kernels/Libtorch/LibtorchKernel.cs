using static TorchSharp.torch;

namespace AltClip.Inference.Kernels.Libtorch;

/// <summary>
/// libtorch's ordinary operators, which every device has, on any width and with any activation: what all others are compared to, and what runs
/// where none of them does. It has no int8.
/// </summary>
/// <param name="batches">How much it computes at once; null for what is fastest on the device.</param>
/// <param name="observe">Is shown the inputs of products, by <see cref="EncoderLayerNames"/>: [rows, inputs].</param>
internal sealed class LibtorchKernel(LibtorchBatches? batches = null, Action<string, Tensor>? observe = null) : IEncoderKernel
{
    public string Name => "Libtorch";

    public bool Supports(EncoderSpec encoder, InferencePrecision precision, Device device) => precision != InferencePrecision.Int8;

    public IEncoder Pack(EncoderSpec encoder, InferencePrecision precision, Device device, bool release) =>
        new LibtorchEncoder(encoder, precision == InferencePrecision.Float32 ? ScalarType.Float32 : ScalarType.BFloat16, device, release, batches, observe);
}
