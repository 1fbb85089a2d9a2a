using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using AltClip.Inference.Kernels.Panels;
using static TorchSharp.torch;

namespace AltClip.Benchmarks;

/// <summary>How fast memory is read by all threads that inference uses: what bounds products of few rows.</summary>
internal static unsafe class MemoryRate
{
    private static readonly int Rounds = Effort.Of(8, quick: 1);
    private static readonly long Floats = Effort.Of(128L << 20, quick: 1 << 20);

    /// <summary>GB/s, the best of several rounds over half a gigabyte.</summary>
    public static double Measure()
    {
        using var memory = new PanelMemory();
        var start = memory.Reserve(Floats);
        new Span<float>(start, (int)Floats).Fill(1);
        var threads = get_num_threads();
        var part = Floats / threads / 64 * 64;
        var address = (nint)start;
        var best = 0.0;
        for (var round = 0; round < Rounds; round++)
        {
            var watch = Stopwatch.StartNew();
            Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, thread =>
            {
                if (Sum((float*)address + thread * part, part) < 0) throw new UnreachableException(); // so that it isn't left out
            });
            best = Math.Max(best, part * threads * sizeof(float) / watch.Elapsed.TotalSeconds / 1e9);
        }
        return best;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Sum(float* x, long count)
    {
        Vector512<float> a = default, b = a, c = a, d = a;
        for (var end = x + count; x < end; x += 4 * Vector512<float>.Count)
        {
            a += Vector512.Load(x);
            b += Vector512.Load(x + Vector512<float>.Count);
            c += Vector512.Load(x + 2 * Vector512<float>.Count);
            d += Vector512.Load(x + 3 * Vector512<float>.Count);
        }
        return Vector512.Sum(a + b + c + d);
    }
}
