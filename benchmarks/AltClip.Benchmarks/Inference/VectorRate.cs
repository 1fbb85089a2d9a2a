using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AltClip.Benchmarks;

/// <summary>Whether a processor's AVX-512 works on all 512 bits at once: some do two halves one after the other, and say nothing of it.</summary>
internal static class VectorRate
{
    private const int Sums = 12, Steps = 2_000_000, Rounds = 5;

    /// <summary>How many times faster multiplications and additions of 512 bits are than those of 256.</summary>
    public static double WideOverNarrow()
    {
        double wide = double.MaxValue, narrow = double.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            wide = Math.Min(wide, Seconds(Wide));
            narrow = Math.Min(narrow, Seconds(Narrow));
        }
        return 2 * narrow / wide;
    }

    private static double Seconds(Func<float> run)
    {
        var start = Stopwatch.GetTimestamp();
        if (run() == 1) throw new UnreachableException(); // so that the compiler can't leave it out
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Wide()
    {
        Vector512<float> x = Vector512.Create(0.5f), a = default, b = a, c = a, d = a, e = a, f = a, g = a, h = a, i = a, j = a, k = a, l = a;
        for (var step = 0; step < Steps; step++)
        {
            a = Vector512.FusedMultiplyAdd(a, x, x);
            b = Vector512.FusedMultiplyAdd(b, x, x);
            c = Vector512.FusedMultiplyAdd(c, x, x);
            d = Vector512.FusedMultiplyAdd(d, x, x);
            e = Vector512.FusedMultiplyAdd(e, x, x);
            f = Vector512.FusedMultiplyAdd(f, x, x);
            g = Vector512.FusedMultiplyAdd(g, x, x);
            h = Vector512.FusedMultiplyAdd(h, x, x);
            i = Vector512.FusedMultiplyAdd(i, x, x);
            j = Vector512.FusedMultiplyAdd(j, x, x);
            k = Vector512.FusedMultiplyAdd(k, x, x);
            l = Vector512.FusedMultiplyAdd(l, x, x);
        }
        return Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l) / Sums / Vector512<float>.Count + 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Narrow()
    {
        Vector256<float> x = Vector256.Create(0.5f), a = default, b = a, c = a, d = a, e = a, f = a, g = a, h = a, i = a, j = a, k = a, l = a;
        for (var step = 0; step < Steps; step++)
        {
            a = Vector256.FusedMultiplyAdd(a, x, x);
            b = Vector256.FusedMultiplyAdd(b, x, x);
            c = Vector256.FusedMultiplyAdd(c, x, x);
            d = Vector256.FusedMultiplyAdd(d, x, x);
            e = Vector256.FusedMultiplyAdd(e, x, x);
            f = Vector256.FusedMultiplyAdd(f, x, x);
            g = Vector256.FusedMultiplyAdd(g, x, x);
            h = Vector256.FusedMultiplyAdd(h, x, x);
            i = Vector256.FusedMultiplyAdd(i, x, x);
            j = Vector256.FusedMultiplyAdd(j, x, x);
            k = Vector256.FusedMultiplyAdd(k, x, x);
            l = Vector256.FusedMultiplyAdd(l, x, x);
        }
        return Vector256.Sum(a + b + c + d + e + f + g + h + i + j + k + l) / Sums / Vector256<float>.Count + 1;
    }
}
