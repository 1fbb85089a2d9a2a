using TorchSharp;
using static TorchSharp.torch;

namespace AltClip.Shared;

/// <summary>Numbers into tensors and out of them. What libtorch still reads of them is held, as <see cref="TensorArithmetic"/> says.</summary>
internal static class TensorNumbers
{
    /// <summary>The only element of a tensor of any type and device.</summary>
    public static double ToNumber(this Tensor tensor)
    {
        using var scalar = tensor.ToScalar();
        return scalar.ToDouble();
    }

    /// <summary>The only element of a tensor of whole numbers.</summary>
    public static long ToInteger(this Tensor tensor)
    {
        using var scalar = tensor.ToScalar();
        return scalar.ToInt64();
    }

    /// <summary>0, 1, … up to a number that isn't among them: int64.</summary>
    public static Tensor Arange(long end, Device device) => Arange(0, end, device);

    /// <summary>The whole numbers from one up to another that isn't among them: int64.</summary>
    public static Tensor Arange(long first, long end, Device device)
    {
        using Scalar start = first, stop = end, step = 1;
        return arange(start, stop, step, int64, device);
    }
}
