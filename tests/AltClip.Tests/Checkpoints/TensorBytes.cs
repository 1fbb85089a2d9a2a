using AltClip.Checkpoints;
using static TorchSharp.torch;

namespace AltClip.Tests;

/// <summary>Tensors as plain values, for comparisons.</summary>
internal static class TensorBytes
{
    /// <summary>Every tensor of a source: its description and its elements' bytes.</summary>
    public static SortedDictionary<string, (SafeTensorInfo Info, string Elements)> Of(ITensorSource source)
    {
        var all = new SortedDictionary<string, (SafeTensorInfo, string)>(StringComparer.Ordinal);
        foreach (string name in source.Names)
        {
            using var tensor = source.Read(name);
            Xunit.Assert.Equal(source.Describe(name), new SafeTensorInfo(name, tensor.dtype, tensor.shape));
            all.Add(name, (source.Describe(name), Of(tensor)));
        }

        return all;
    }

    public static string Of(Tensor tensor)
    {
        using var contiguous = tensor.contiguous();
        return Convert.ToHexString(contiguous.bytes);
    }
}
