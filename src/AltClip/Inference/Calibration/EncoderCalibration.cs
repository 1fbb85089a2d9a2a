namespace AltClip.Inference.Calibration;

/// <summary>The calibrated products of an encoder.</summary>
/// <param name="Products">By <see cref="Kernels.EncoderLayerNames"/>; those that are missing are computed as without.</param>
/// <param name="Digests">A number for the weights of each layer that they were measured with, by the layer's name.</param>
internal sealed record EncoderCalibration(IReadOnlyDictionary<string, ProductCalibration> Products, IReadOnlyDictionary<string, long> Digests);
