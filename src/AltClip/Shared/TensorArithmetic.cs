using TorchSharp;
using static TorchSharp.torch;

namespace AltClip.Shared;

/// <summary>
/// The arithmetic of tensors that takes numbers, the factor 1 on the second term of a sum among them. TorchSharp's own operators make each into a
/// number of libtorch that nothing holds, so that the garbage collector may free it before libtorch has read it: an error of libtorch, or a wrong
/// result. Here it is held until then. As there, a name that ends in an underscore changes its tensor.
/// </summary>
internal static class TensorArithmetic
{
    private static readonly Scalar One = 1;

    public static Tensor Plus(this Tensor tensor, Tensor other) => tensor.add(other, One);

    public static Tensor Plus(this Tensor tensor, Tensor other, double alpha)
    {
        using Scalar factor = alpha;
        return tensor.add(other, factor);
    }

    public static Tensor Plus(this Tensor tensor, long number)
    {
        using Scalar scalar = number;
        return tensor.add(scalar, One);
    }

    public static Tensor Plus_(this Tensor tensor, Tensor other) => tensor.add_(other, One);

    public static Tensor Plus_(this Tensor tensor, Tensor other, double alpha)
    {
        using Scalar factor = alpha;
        return tensor.add_(other, factor);
    }

    public static Tensor Plus_(this Tensor tensor, double number)
    {
        using Scalar scalar = number;
        return tensor.add_(scalar, One);
    }

    public static Tensor Minus(this Tensor tensor, long number)
    {
        using Scalar scalar = number;
        return tensor.sub(scalar);
    }

    /// <summary>1 - x.</summary>
    public static Tensor OneMinus(this Tensor tensor)
    {
        using var negative = tensor.neg();
        return negative.add(One, One);
    }

    public static Tensor Times(this Tensor tensor, double factor)
    {
        using Scalar scalar = factor;
        return tensor.mul(scalar);
    }

    public static Tensor Times(this Tensor tensor, long factor)
    {
        using Scalar scalar = factor;
        return tensor.mul(scalar);
    }

    public static Tensor Times_(this Tensor tensor, double factor)
    {
        using Scalar scalar = factor;
        return tensor.mul_(scalar);
    }

    public static Tensor Over(this Tensor tensor, double divisor)
    {
        using Scalar scalar = divisor;
        return tensor.div(scalar);
    }

    public static Tensor Over(this Tensor tensor, long divisor)
    {
        using Scalar scalar = divisor;
        return tensor.div(scalar);
    }

    public static Tensor Over_(this Tensor tensor, double divisor)
    {
        using Scalar scalar = divisor;
        return tensor.div_(scalar);
    }

    public static Tensor Over_(this Tensor tensor, long divisor)
    {
        using Scalar scalar = divisor;
        return tensor.div_(scalar);
    }

    /// <summary>The greater of each element and a number.</summary>
    public static Tensor AtLeast(this Tensor tensor, double least)
    {
        using Scalar scalar = least;
        return tensor.clamp_min(scalar);
    }
}
