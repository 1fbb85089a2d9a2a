using AltClip.Checkpoints;
using static TorchSharp.torch;

namespace AltClip.Conformance;

/// <summary>Whole numbers of the reference, whatever their width.</summary>
internal static class ReferenceIntegers
{
    public static long[] Integers(this SafeTensors file, string name)
    {
        using Tensor tensor = file[name];
        using Tensor wide = tensor.to(ScalarType.Int64);
        return wide.data<long>().ToArray();
    }
}
