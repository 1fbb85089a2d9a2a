using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AltClip.Inference.Kernels.Panels;

/// <summary>
/// Activations and powers within 1e-4 (activations of x, for those greater than 1), for a third of <see cref="PanelMath"/>'s work: for
/// products whose numbers are rougher than that themselves, int8 and bfloat16.
/// </summary>
internal static class PanelActivation
{
    private const float Log2E = 1.44269504f;

    /// <summary>x times the logistic function of 1.702 x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> QuickGelu(Vector512<float> x) => TimesLogistic(x, x * (-1.702f * Log2E));

    /// <summary>
    /// x times the normal distribution's share below x, which is the logistic function of an odd polynomial within 3e-5 / |x| (fitted for the
    /// least greatest error; beyond 6 the polynomial would turn).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Gelu(Vector512<float> x)
    {
        var near = Vector512.MinNative(Vector512.MaxNative(x, Vector512.Create(-6f)), Vector512.Create(6f));
        var square = near * near;
        var polynomial = Vector512.FusedMultiplyAdd(square, Vector512.Create(7.030343e-4f * Log2E), Vector512.Create(-0.074011296f * Log2E));
        polynomial = Vector512.FusedMultiplyAdd(square, polynomial, Vector512.Create(-1.5950158f * Log2E));
        return TimesLogistic(x, near * polynomial);
    }

    /// <summary>e to the power of numbers that are not positive, within 1e-4 of it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x) => Power(Vector512.MaxNative(x * Log2E, Vector512.Create(-126f)));

    /// <summary>x / (1 + 2^z), with the reciprocal to 14 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> TimesLogistic(Vector512<float> x, Vector512<float> z) =>
        Avx512F.IsSupported ? x * Avx512F.Reciprocal14(Vector512<float>.One + Power(z)) : x / (Vector512<float>.One + Power(z));

    /// <summary>2^z: the power of z's whole part times a cubic's of the rest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Power(Vector512<float> z)
    {
        var whole = Vector512.Round(z);
        var rest = z - whole;
        var power = Vector512.FusedMultiplyAdd(rest, Vector512.Create(0.05517207f), Vector512.Create(0.24261216f));
        power = Vector512.FusedMultiplyAdd(rest, power, Vector512.Create(0.693261f));
        power = Vector512.FusedMultiplyAdd(rest, power, Vector512.Create(0.999928f));
        return PanelMath.Scale(power, whole);
    }
}
