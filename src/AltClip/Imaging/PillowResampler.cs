using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AltClip.Imaging;

/// <summary>
/// The two passes of Pillow's 8-bit resampler over pixels of four bytes. Sums are 32-bit integers, so their order does not matter and
/// each vector lane holds one channel of one source pixel.
/// </summary>
internal static unsafe class PillowResampler
{
    /// <summary>A pixel in memory: red, green, blue and a fourth byte that is carried along.</summary>
    public const int PixelBytes = 4;

    /// <summary>How far past the last pixel memory may be read, and past the end of a row written; what is there counts nothing.</summary>
    public const int Slack = 32;

    // Half of what a sum is in the end divided by, so that it is rounded to the nearest.
    private const int Half = 1 << (ResampleAxis.PrecisionBits - 1);

    /// <summary>Makes each pixel of the result of a run of pixels of the same row.</summary>
    /// <param name="source">Column 0 of the first row; <see cref="Slack"/> bytes are readable past the last.</param>
    /// <param name="sourceStride">The distance of two source rows in bytes.</param>
    /// <param name="result">The first row of the result, <c>axis.Count</c> pixels wide.</param>
    /// <param name="resultStride">The distance of two rows of the result in bytes.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="axis">The plan for the columns.</param>
    public static void MixColumns(byte* source, long sourceStride, byte* result, long resultStride, int rows, ResampleAxis axis)
    {
        if (axis.Taps == 0)
        {
            for (var y = 0; y < rows; y++)
                CopyColumns((uint*)(source + y * sourceStride), new Span<uint>(result + y * resultStride, axis.Count), axis.Starts);
        }
        else if (Avx2.IsSupported)
        {
            MixColumns<TwoPixels>(source, sourceStride, result, resultStride, rows, axis);
        }
        else
        {
            MixColumns<OnePixel>(source, sourceStride, result, resultStride, rows, axis);
        }
    }

    /// <summary>Makes one row of the result of a run of rows.</summary>
    /// <param name="source">The first of the <c>axis.Lengths[index]</c> source rows.</param>
    /// <param name="stride">The distance of two source rows in bytes.</param>
    /// <param name="result">The row of the result.</param>
    /// <param name="bytes">The length of a row in bytes; up to <see cref="Slack"/> more may be read and written.</param>
    /// <param name="axis">The plan for the rows.</param>
    /// <param name="index">Which row of the result.</param>
    public static void MixRows(byte* source, long stride, byte* result, long bytes, ResampleAxis axis, int index)
    {
        if (axis.Taps == 0)
            Buffer.MemoryCopy(source, result, bytes, bytes);
        else if (Avx2.IsSupported)
            MixRows<TwoPixels>(source, stride, result, bytes, axis, index);
        else
            MixRows<OnePixel>(source, stride, result, bytes, axis, index);
    }

    /// <summary>Four sums of a pixel each, as the bytes that they stand for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> ToBytes(Vector128<int> a, Vector128<int> b, Vector128<int> c, Vector128<int> d)
    {
        return Vector128.Narrow(
            Vector128.Narrow(ToByteRange(a), ToByteRange(b)).AsUInt16(), Vector128.Narrow(ToByteRange(c), ToByteRange(d)).AsUInt16());

        static Vector128<int> ToByteRange(Vector128<int> sum) =>
            Vector128.Clamp(sum >> ResampleAxis.PrecisionBits, Vector128<int>.Zero, Vector128.Create(255));
    }

    private static void CopyColumns(uint* source, Span<uint> result, int[] starts)
    {
        for (var x = 0; x < result.Length; x++)
            result[x] = source[starts[x]];
    }

    private static void MixColumns<TVector>(
        byte* source, long sourceStride, byte* result, long resultStride, int rows, ResampleAxis axis)
        where TVector : struct, IPixelVector<TVector>
    {
        // Four rows at a time share the weights. The last group repeats rows rather than needing code of its own.
        for (var y = 0; y < rows; y += 4)
        {
            var (y1, y2, y3) = (Math.Min(y + 1, rows - 1), Math.Min(y + 2, rows - 1), Math.Min(y + 3, rows - 1));
            MixFourRows<TVector>(
                source + y * sourceStride, source + y1 * sourceStride, source + y2 * sourceStride, source + y3 * sourceStride,
                (uint*)(result + y * resultStride), (uint*)(result + y1 * resultStride),
                (uint*)(result + y2 * resultStride), (uint*)(result + y3 * resultStride), axis);
        }
    }

    private static void MixFourRows<TVector>(
        byte* source0, byte* source1, byte* source2, byte* source3, uint* result0, uint* result1, uint* result2, uint* result3,
        ResampleAxis axis)
        where TVector : struct, IPixelVector<TVector>
    {
        var half = Vector128.Create(Half);
        fixed (int* allWeights = axis.Weights)
        {
            for (var x = 0; x < axis.Count; x++)
            {
                var offset = (long)axis.Starts[x] * PixelBytes;
                var weights = allWeights + (long)x * axis.Taps;
                TVector a = default, b = default, c = default, d = default;
                for (var end = weights + axis.Lengths[x]; weights < end; weights += TVector.Count, offset += TVector.Count * PixelBytes)
                {
                    var weight = TVector.LoadWeights(weights);
                    a = TVector.Add(a, TVector.Load(source0 + offset), weight);
                    b = TVector.Add(b, TVector.Load(source1 + offset), weight);
                    c = TVector.Add(c, TVector.Load(source2 + offset), weight);
                    d = TVector.Add(d, TVector.Load(source3 + offset), weight);
                }
                var pixels = ToBytes(a.Total() + half, b.Total() + half, c.Total() + half, d.Total() + half).AsUInt32();
                result0[x] = pixels[0];
                result1[x] = pixels[1];
                result2[x] = pixels[2];
                result3[x] = pixels[3];
            }
        }
    }

    private static void MixRows<TVector>(byte* source, long stride, byte* result, long bytes, ResampleAxis axis, int index)
        where TVector : struct, IPixelVector<TVector>
    {
        var length = axis.Lengths[index];
        var step = TVector.Count * PixelBytes;
        fixed (int* weights = &axis.Weights[index * axis.Taps])
        {
            for (var x = 0L; x < bytes; x += 4 * step)
            {
                var (a, b, c, d) = (TVector.Repeat(Half), TVector.Repeat(Half), TVector.Repeat(Half), TVector.Repeat(Half));
                var pixels = source + x;
                for (var k = 0; k < length; k++, pixels += stride)
                {
                    var weight = TVector.Repeat(weights[k]);
                    a = TVector.Add(a, TVector.Load(pixels), weight);
                    b = TVector.Add(b, TVector.Load(pixels + step), weight);
                    c = TVector.Add(c, TVector.Load(pixels + 2 * step), weight);
                    d = TVector.Add(d, TVector.Load(pixels + 3 * step), weight);
                }
                TVector.Store(a, b, c, d, result + x);
            }
        }
    }
}
