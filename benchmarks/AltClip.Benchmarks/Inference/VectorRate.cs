using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AltClip.Benchmarks;

/// <summary>Whether a processor's AVX-512 works on all 512 bits at once: some do two halves one after the other, and say nothing of it.</summary>
internal static class VectorRate
{
    private const int Steps = 2_000_000, Rounds = 5;

    /// <summary>Numbers of which multiplications and additions are timed.</summary>
    private interface ILanes<TSelf>
    {
        static abstract TSelf Half { get; }

        static abstract TSelf MultiplyAdd(TSelf a, TSelf b, TSelf c);

        float First { get; }
    }

    /// <summary>How many times faster multiplications and additions of 512 bits are than those of 256.</summary>
    public static double WideOverNarrow()
    {
        double wide = double.MaxValue, narrow = double.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            wide = Math.Min(wide, Seconds<Wide>());
            narrow = Math.Min(narrow, Seconds<Narrow>());
        }
        return 2 * narrow / wide;
    }

    /// <summary>As many sums at once as it takes for none to wait for its own last step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Seconds<T>() where T : struct, ILanes<T>
    {
        var start = Stopwatch.GetTimestamp();
        T x = T.Half, a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
        for (var step = 0; step < Steps; step++)
        {
            a = T.MultiplyAdd(a, x, x);
            b = T.MultiplyAdd(b, x, x);
            c = T.MultiplyAdd(c, x, x);
            d = T.MultiplyAdd(d, x, x);
            e = T.MultiplyAdd(e, x, x);
            f = T.MultiplyAdd(f, x, x);
            g = T.MultiplyAdd(g, x, x);
            h = T.MultiplyAdd(h, x, x);
            i = T.MultiplyAdd(i, x, x);
            j = T.MultiplyAdd(j, x, x);
            k = T.MultiplyAdd(k, x, x);
            l = T.MultiplyAdd(l, x, x);
        }
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var all = a.First + b.First + c.First + d.First + e.First + f.First + g.First + h.First + i.First + j.First + k.First + l.First;
        return all > 0 ? seconds : throw new UnreachableException(); // so that the compiler can't leave the sums out
    }

    private readonly struct Wide(Vector512<float> value) : ILanes<Wide>
    {
        private readonly Vector512<float> _value = value;

        public static Wide Half => new(Vector512.Create(0.5f));

        public float First => _value[0];

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Wide MultiplyAdd(Wide a, Wide b, Wide c) => new(Vector512.FusedMultiplyAdd(a._value, b._value, c._value));
    }

    private readonly struct Narrow(Vector256<float> value) : ILanes<Narrow>
    {
        private readonly Vector256<float> _value = value;

        public static Narrow Half => new(Vector256.Create(0.5f));

        public float First => _value[0];

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Narrow MultiplyAdd(Narrow a, Narrow b, Narrow c) => new(Vector256.FusedMultiplyAdd(a._value, b._value, c._value));
    }
}
