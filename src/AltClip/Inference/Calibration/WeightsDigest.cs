using System.Runtime.InteropServices;
using AltClip.Checkpoints;
using AltClip.Inference.Kernels;
using static TorchSharp.torch;

namespace AltClip.Inference.Calibration;

/// <summary>A number for the weights of a layer, the same for all types that hold the same values.</summary>
internal static class WeightsDigest
{
    public static long Of(EncoderLayerParts layer)
    {
        using var noGrad = no_grad();
        var digests = new List<ulong>();
        foreach (var parameter in layer.Layer.parameters())
        {
            using var scope = NewDisposeScope();
            digests.Add(RowDigest.Of(parameter.detach().to(float32).cpu().contiguous().bytes));
        }
        return (long)RowDigest.Of(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(digests)));
    }

    /// <summary>The same of all layers.</summary>
    public static Dictionary<string, long> Of(EncoderSpec encoder) => encoder.Layers.ToDictionary(layer => layer.Names.Layer, Of);
}
