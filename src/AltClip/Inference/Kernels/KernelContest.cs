using System.Collections.Concurrent;
using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace AltClip.Inference.Kernels;

/// <summary>
/// Which way to run an encoder is the fastest here: two of its layers are packed each way and timed, with few rows and with many. What a processor
/// says of itself doesn't tell: AVX-512's bfloat16 takes twice float32's time on one, and half of it on another.
/// </summary>
internal static class KernelContest
{
    private const int Passes = 2, RunsPerPass = 2;

    /// <summary>How many times the fastest's time rules out a way that was timed once.</summary>
    private const double Beaten = 1.5;

    /// <summary>How many times the fastest's time a way may take that heeds the calibration that someone made.</summary>
    private const double CalibrationIsWorth = 1.05;

    /// <summary>Encoders so small that it doesn't matter are not worth a file.</summary>
    private const double MillisecondsToRemember = 50;

    private static readonly ConcurrentDictionary<string, EncoderCandidate> Won = [];
    private static readonly Lock OneAtATime = new();

    /// <summary>The fastest of several ways, measured once for each size of encoder: in this process, or by <see cref="KernelMemory"/> before.</summary>
    public static EncoderCandidate Winner(EncoderSpec encoder, IReadOnlyList<EncoderCandidate> contenders, Device device)
    {
        // Where work is done elsewhere, only libtorch does it, in as low a precision as it can.
        if (contenders.Count == 1 || device.type != DeviceType.CPU) return contenders[0];
        var key = Key(encoder, contenders);
        lock (OneAtATime)
        {
            if (Won.TryGetValue(key, out var known)) return known;
            return Won[key] = Remembered(key, contenders) ?? Measured(key, encoder, contenders, device);
        }
    }

    /// <summary>The times of each way at each work, in milliseconds, by what is in <paramref name="contenders"/>; a way that was beaten has fewer runs.</summary>
    internal static double[][] Measure(EncoderSpec encoder, IReadOnlyList<EncoderCandidate> contenders, Device device)
    {
        // One layer of which all tokens ask, and the last.
        var sample = encoder with { Layers = [.. encoder.Layers.Take(2)] };
        var works = Works(encoder);
        double[][] times = [.. contenders.Select(_ => works.Select(_ => double.PositiveInfinity).ToArray())];
        var packed = new List<IEncoder>();
        try
        {
            foreach (var (kernel, precision) in contenders) packed.Add(kernel.Pack(sample, precision, device, release: false));
            for (var pass = 0; pass < Passes; pass++)
            {
                for (var work = 0; work < works.Length; work++)
                {
                    for (var i = 0; i < packed.Count; i++)
                    {
                        if (pass > 0 && times[i][work] > Beaten * times.Min(one => one[work])) continue;
                        times[i][work] = Math.Min(times[i][work], Time(packed[i], works[work], encoder.Width, device));
                    }
                }
            }
        }
        finally
        {
            foreach (var one in packed) one.Dispose();
        }
        return times;
    }

    /// <summary>The one whose worst work, against the fastest there, is the best.</summary>
    internal static int Best(double[][] times)
    {
        double[] fastest = [.. Enumerable.Range(0, times[0].Length).Select(work => times.Min(one => one[work]))];
        double[] worst = [.. times.Select(one => one.Select((time, work) => time / fastest[work]).Max())];
        return Array.IndexOf(worst, worst.Min());
    }

    /// <summary>Sequences of usual lengths: one picture, or one short text and several longer ones.</summary>
    private static long[][] Works(EncoderSpec encoder) => encoder.Tower == InferenceTowers.Image ? [[1, encoder.UsualLength]] : [[1, 16], [8, 32]];

    private static EncoderCandidate Measured(string key, EncoderSpec encoder, IReadOnlyList<EncoderCandidate> contenders, Device device)
    {
        var watch = Stopwatch.StartNew();
        var times = Measure(encoder, contenders, device);
        for (var i = 0; i < times.Length; i++)
        {
            if (contenders[i].Kernel.HeedsCalibration(encoder, contenders[i].Precision)) times[i] = [.. times[i].Select(time => time / CalibrationIsWorth)];
        }
        var winner = contenders[Best(times)];
        if (watch.Elapsed.TotalMilliseconds > MillisecondsToRemember) KernelMemory.Keep(key, winner);
        return winner;
    }

    private static EncoderCandidate? Remembered(string key, IReadOnlyList<EncoderCandidate> contenders)
    {
        var line = KernelMemory.Find(key);
        return contenders.Where(candidate => KernelMemory.Line(candidate) == line).Cast<EncoderCandidate?>().FirstOrDefault();
    }

    /// <summary>The least of a few runs, one after the other: another library's threads may still be waiting for work, on the same processors.</summary>
    private static double Time(IEncoder encoder, long[] groups, int width, Device device)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(0, device);
        var rows = rand(groups[0] * groups[1], width, dtype: ScalarType.Float32, device: device, generator: random).to(encoder.DType);
        encoder.Encode(rows, groups, null).Dispose();
        var least = double.PositiveInfinity;
        for (var run = 0; run < RunsPerPass; run++)
        {
            var watch = Stopwatch.StartNew();
            encoder.Encode(rows, groups, null).Dispose();
            least = Math.Min(least, watch.Elapsed.TotalMilliseconds);
        }
        return least;
    }

    /// <summary>All that the times depend on, but for the machine.</summary>
    private static string Key(EncoderSpec encoder, IReadOnlyList<EncoderCandidate> contenders) =>
        $"{encoder.Tower}, width {encoder.Width}, {encoder.Heads} heads, intermediate {encoder.Intermediate}, {encoder.Activation}, "
            + $"{(encoder.PreNorm ? "pre" : "post")}-norm, length {encoder.UsualLength}, {get_num_threads()} threads{(encoder.Calibration is null ? "" : ", calibrated")}; "
            + string.Join(", ", contenders.Select(KernelMemory.Line));
}
