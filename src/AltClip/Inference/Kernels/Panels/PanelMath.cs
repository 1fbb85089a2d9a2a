using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AltClip.Inference.Kernels.Panels;

/// <summary>What happens to states between products, 16 numbers at once.</summary>
internal static unsafe class PanelMath
{
    private const int Lanes = 16;

    /// <summary>The nearest bfloat16, ties to even, in the low half of each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> ToBFloat16(Vector512<float> values)
    {
        var bits = values.AsUInt32();
        return (bits + Vector512.Create(0x7FFFu) + ((bits >>> 16) & Vector512.Create(1u))) >>> 16;
    }

    /// <summary>
    /// e to the power of numbers that are not positive, within 2e-7 of it: 2 to the nearest whole power times a polynomial for the rest, whose
    /// coefficients are Cephes' (expf). .NET's own computes in float64.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x)
    {
        x = Vector512.MaxNative(x, Vector512.Create(-126f));
        var power = Vector512.Round(x * 1.44269504f);
        var rest = Vector512.FusedMultiplyAdd(power, Vector512.Create(-0.693359375f), x);
        rest = Vector512.FusedMultiplyAdd(power, Vector512.Create(2.12194440e-4f), rest);
        var polynomial = Vector512.Create(1.9875691500e-4f);
        polynomial = Vector512.FusedMultiplyAdd(polynomial, rest, Vector512.Create(1.3981999507e-3f));
        polynomial = Vector512.FusedMultiplyAdd(polynomial, rest, Vector512.Create(8.3334519073e-3f));
        polynomial = Vector512.FusedMultiplyAdd(polynomial, rest, Vector512.Create(4.1665795894e-2f));
        polynomial = Vector512.FusedMultiplyAdd(polynomial, rest, Vector512.Create(1.6666665459e-1f));
        polynomial = Vector512.FusedMultiplyAdd(polynomial, rest, Vector512.Create(0.5f));
        polynomial = Vector512.FusedMultiplyAdd(polynomial, rest * rest, rest + Vector512<float>.One);
        return Scale(polynomial, power);
    }

    /// <summary>x times 2 to a whole power, without AVX-512 to the nearest one that a normal number can be, or 0 or infinity.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Scale(Vector512<float> x, Vector512<float> power)
    {
        if (Avx512F.IsSupported) return Avx512F.Scale(x, power);
        var within = Vector512.MinNative(Vector512.MaxNative(power, Vector512.Create(-127f)), Vector512.Create(128f));
        return x * ((Vector512.ConvertToInt32Native(within) + Vector512.Create(127)) << 23).AsSingle();
    }

    /// <summary>x times the normal distribution's share below x, with the error function's approximation 7.1.26 of Abramowitz and Stegun.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Gelu(Vector512<float> x)
    {
        var z = Vector512.Abs(x) * 0.70710678f;
        var t = Vector512<float>.One / Vector512.FusedMultiplyAdd(z, Vector512.Create(0.3275911f), Vector512<float>.One);
        var polynomial = Vector512.Create(1.061405429f);
        polynomial = Vector512.FusedMultiplyAdd(polynomial, t, Vector512.Create(-1.453152027f));
        polynomial = Vector512.FusedMultiplyAdd(polynomial, t, Vector512.Create(1.421413741f));
        polynomial = Vector512.FusedMultiplyAdd(polynomial, t, Vector512.Create(-0.284496736f));
        polynomial = Vector512.FusedMultiplyAdd(polynomial, t, Vector512.Create(0.254829592f));
        var tail = polynomial * t * Exp(-(z * z)) * 0.5f; // the share beyond |x|
        return x * Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512<float>.Zero), tail, Vector512<float>.One - tail);
    }

    /// <summary>x times the logistic function of 1.702 x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> QuickGelu(Vector512<float> x)
    {
        var power = Exp(Vector512.Abs(x) * -1.702f);
        var share = Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512<float>.Zero), power, Vector512<float>.One);
        return x * share / (Vector512<float>.One + power);
    }

    /// <summary>Rounds numbers to bfloat16, two in 32 bits.</summary>
    /// <param name="source">The numbers.</param>
    /// <param name="count">How many, a multiple of 16.</param>
    /// <param name="target">Where they go.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Narrow(float* source, int count, int* target)
    {
        for (var i = 0; i < count; i += Lanes)
            Avx512F.ConvertToVector256UInt16(ToBFloat16(Vector512.Load(source + i))).AsInt32().Store(target + i / 2);
    }

    /// <summary>Layer norm of one row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Norm(float* x, float* result, int width, float* weight, float* bias, double eps)
    {
        var sum = Vector512<float>.Zero;
        for (var i = 0; i < width; i += Lanes) sum += Vector512.Load(x + i);
        var mean = Vector512.Create(Vector512.Sum(sum) / width);
        var squares = Vector512<float>.Zero;
        for (var i = 0; i < width; i += Lanes)
        {
            var difference = Vector512.Load(x + i) - mean;
            squares += difference * difference;
        }
        var factor = Vector512.Create((float)(1 / Math.Sqrt(Vector512.Sum(squares) / width + eps)));
        for (var i = 0; i < width; i += Lanes)
            Vector512.FusedMultiplyAdd((Vector512.Load(x + i) - mean) * factor, Vector512.Load(weight + i), Vector512.Load(bias + i)).Store(result + i);
    }

    /// <summary>Softmax of the first numbers of a row whose length is a multiple of 16; the others become 0.</summary>
    /// <param name="scores">The row.</param>
    /// <param name="count">How many count.</param>
    /// <param name="mask">What is added to them first, or null.</param>
    /// <param name="rough">Whether 1e-4 is near enough.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Softmax(float* scores, int count, float* mask, bool rough)
    {
        var end = (count + Lanes - 1) / Lanes * Lanes;
        if (mask != null)
        {
            for (var i = 0; i < count; i++) scores[i] += mask[i];
        }
        for (var i = count; i < end; i++) scores[i] = float.NegativeInfinity;
        var greatest = Vector512.Load(scores);
        for (var i = Lanes; i < end; i += Lanes) greatest = Vector512.MaxNative(greatest, Vector512.Load(scores + i));
        var top = greatest[0];
        for (var i = 1; i < Lanes; i++) top = Math.Max(top, greatest[i]);
        var sum = Vector512<float>.Zero;
        for (var i = 0; i < end; i += Lanes)
        {
            var below = Vector512.Load(scores + i) - Vector512.Create(top);
            var power = rough ? PanelActivation.Exp(below) : Exp(below);
            power.Store(scores + i);
            sum += power;
        }
        var factor = Vector512.Create(1 / Vector512.Sum(sum));
        for (var i = 0; i < end; i += Lanes) (Vector512.Load(scores + i) * factor).Store(scores + i);
    }
}
