using TorchSharp;

namespace AltClip.Checkpoints;

/// <summary>A tensor and where a file holds its elements.</summary>
/// <param name="Info">Name, type and shape.</param>
/// <param name="Offset">The first element's position in the file, in bytes.</param>
/// <param name="Strides">The distance between neighbours along each dimension, in elements.</param>
internal sealed record TensorEntry(SafeTensorInfo Info, long Offset, long[] Strides)
{
    /// <summary>Elements from the first to the last inclusive, gaps counted; the tensor must not be empty.</summary>
    public long Extent => 1 + Info.Shape.Zip(Strides, (size, stride) => (size - 1) * stride).Sum();

    /// <summary>Whether the elements lie where a tensor can point at them in a mapping of the file.</summary>
    public bool IsMappable => Info.ElementCount > 0 && Offset % Info.DType.ElementSize() == 0;

    /// <summary>The strides of a tensor laid out without gaps, last dimension fastest.</summary>
    public static long[] ContiguousStrides(IReadOnlyList<long> shape)
    {
        var strides = new long[shape.Count];
        long stride = 1;
        for (int i = shape.Count - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride *= Math.Max(shape[i], 1);
        }

        return strides;
    }

    /// <summary>
    /// The product of sizes that are not negative, unless 63 bits cannot hold it. One of 0 makes no others fit: the strides of an empty tensor are
    /// products of them.
    /// </summary>
    public static bool TryMultiply(IEnumerable<long> sizes, out long product)
    {
        product = 1;
        bool isEmpty = false;
        foreach (long size in sizes)
        {
            Int128 next = (Int128)product * Math.Max(size, 1);
            if (next > long.MaxValue)
                return false;

            product = (long)next;
            isEmpty |= size == 0;
        }

        if (isEmpty)
            product = 0;

        return true;
    }
}
