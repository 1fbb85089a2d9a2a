using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using AltClip.Imaging;

namespace AltClip.Training.Augmentation;

/// <summary>
/// Blurs a picture by a random amount, as torchvision's <c>GaussianBlur</c> does. Wrap it in <see cref="RandomApply"/> to blur some only.
/// </summary>
public sealed class GaussianBlur : IImageAugmentation
{
    private const int Channels = RgbImage.PixelBytes;

    /// <summary>Blurs with a kernel of a size.</summary>
    /// <param name="kernelSize">Its width in pixels, an odd number; about a tenth of the picture's is usual.</param>
    /// <exception cref="ArgumentException">It is not positive or not odd.</exception>
    public GaussianBlur(int kernelSize)
    {
        if (kernelSize < 1 || kernelSize % 2 == 0)
            throw new ArgumentException($"kernelSize is {kernelSize}; expected a positive odd number.", nameof(kernelSize));
        KernelSize = kernelSize;
    }

    /// <summary>The kernel's width in pixels.</summary>
    public int KernelSize { get; }

    /// <summary>The standard deviation in pixels.</summary>
    public (double Min, double Max) Sigma { get; init => field = AugmentationCheck.Range(1e-6, 1e6, value); } = (0.1, 2);

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, Random random)
    {
        ArgumentNullException.ThrowIfNull(image);
        Blur(image, Kernel(KernelSize, (float)random.Uniform(Sigma)));
        return image;
    }

    /// <summary>The weights of the pixels on a line, which sum to one; those too small to be seen at the ends are left out.</summary>
    internal static float[] Kernel(int size, float sigma)
    {
        const float Invisible = 1e-6f;
        var half = size / 2;
        while (half > 0 && Weight(half) < Invisible) half--;
        var kernel = new float[2 * half + 1];
        for (var i = 0; i < kernel.Length; i++) kernel[i] = Weight(i - half);
        var sum = kernel.Sum();
        for (var i = 0; i < kernel.Length; i++) kernel[i] /= sum;
        return kernel;

        float Weight(int distance) => MathF.Exp(-0.5f * (distance / sigma) * (distance / sigma));
    }

    // The kernel is a product of two: all rows are blurred, then all columns. Borders are mirrored without repeating the last pixel.
    private static void Blur(RgbImage image, float[] kernel)
    {
        if (kernel.Length == 1) return;
        var half = kernel.Length / 2;
        var length = image.Width * Channels;
        var rows = new int[image.Height + 2 * half];
        for (var y = 0; y < rows.Length; y++) rows[y] = Mirrored(y - half, image.Height) * length;
        var buffer = ArrayPool<float>.Shared.Rent(checked(length * image.Height + length + 2 * half * Channels));
        var blurred = buffer.AsSpan(0, length * image.Height);
        var padded = buffer.AsSpan(blurred.Length, length + 2 * half * Channels);
        int[] columns = [.. Enumerable.Range(0, kernel.Length).Select(tap => tap * Channels)];
        for (var y = 0; y < image.Height; y++)
        {
            Pad(image.Pixels.Slice(y * length, length), padded, half);
            Mix(padded, columns, kernel, blurred.Slice(y * length, length));
        }
        var row = padded[..length];
        for (var y = 0; y < image.Height; y++)
        {
            Mix(blurred, rows.AsSpan(y, kernel.Length), kernel, row);
            var pixels = image.Pixels.Slice(y * length, length);
            for (var x = 0; x < length; x++) pixels[x] = (byte)MathF.Round(row[x]);
        }
        ArrayPool<float>.Shared.Return(buffer);
    }

    private static void Pad(ReadOnlySpan<byte> row, Span<float> padded, int half)
    {
        var middle = padded.Slice(half * Channels, row.Length);
        for (var x = 0; x < row.Length; x++) middle[x] = row[x];
        var width = row.Length / Channels;
        for (var x = 1; x <= half; x++)
        {
            middle.Slice(Mirrored(-x, width) * Channels, Channels).CopyTo(padded[((half - x) * Channels)..]);
            middle.Slice(Mirrored(width - 1 + x, width) * Channels, Channels).CopyTo(padded[((half + width - 1 + x) * Channels)..]);
        }
    }

    /// <summary>Weighs the numbers of the source that begin at the starts, one start a weight, and adds them up.</summary>
    private static void Mix(ReadOnlySpan<float> source, ReadOnlySpan<int> starts, float[] weights, Span<float> result)
    {
        // Two vectors at a time, because an addition waits for the one before.
        ref var first = ref MemoryMarshal.GetReference(source);
        ref var target = ref MemoryMarshal.GetReference(result);
        var (x, count) = (0, Vector<float>.Count);
        for (; x <= result.Length - 2 * count; x += 2 * count)
        {
            var (sum, next) = (Vector<float>.Zero, Vector<float>.Zero);
            for (var tap = 0; tap < weights.Length; tap++)
            {
                var weight = new Vector<float>(weights[tap]);
                sum = Vector.FusedMultiplyAdd(Vector.LoadUnsafe(ref first, (nuint)(starts[tap] + x)), weight, sum);
                next = Vector.FusedMultiplyAdd(Vector.LoadUnsafe(ref first, (nuint)(starts[tap] + x + count)), weight, next);
            }
            sum.StoreUnsafe(ref target, (nuint)x);
            next.StoreUnsafe(ref target, (nuint)(x + count));
        }
        for (; x < result.Length; x++)
        {
            var sum = 0f;
            for (var tap = 0; tap < weights.Length; tap++) sum = MathF.FusedMultiplyAdd(source[starts[tap] + x], weights[tap], sum);
            result[x] = sum;
        }
    }

    // A picture narrower than the kernel is mirrored more than once.
    private static int Mirrored(int index, int count)
    {
        if (count == 1) return 0;
        var period = 2 * (count - 1);
        index = Math.Abs(index) % period;
        return index < count ? index : period - index;
    }
}
