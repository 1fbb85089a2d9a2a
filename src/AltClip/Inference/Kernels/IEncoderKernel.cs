using static TorchSharp.torch;

namespace AltClip.Inference.Kernels;

/// <summary>One way to run an encoder packed. Each has a folder, and a line in <see cref="EncoderKernels.All"/>.</summary>
internal interface IEncoderKernel
{
    /// <summary>What <see cref="InferenceOptions.Kernel"/> calls it.</summary>
    string Name { get; }

    /// <summary>Whether it can run an encoder here. It asks what exists, and never finds out by failing.</summary>
    bool Supports(EncoderSpec encoder, InferencePrecision precision, Device device);

    /// <summary>Whether it would heed the encoder's calibration; others compute as if there was none.</summary>
    bool HeedsCalibration(EncoderSpec encoder, InferencePrecision precision) => false;

    /// <summary>Packs an encoder that it supports.</summary>
    /// <param name="encoder">The encoder.</param>
    /// <param name="precision">The numbers to compute in.</param>
    /// <param name="device">Where the weights go and the work is done.</param>
    /// <param name="release">Whether each layer is disposed once it is packed.</param>
    /// <returns>The packed encoder; the caller disposes it.</returns>
    IEncoder Pack(EncoderSpec encoder, InferencePrecision precision, Device device, bool release);
}
