namespace AltClip.Imaging;

/// <summary>
/// How the pixels along one axis of the result are made of the pixels along the same axis of the source: each is the sum of a run of
/// source pixels times fixed-point weights, or a copy of a single one. Computed as Pillow does, so that the sums agree to the bit.
/// </summary>
internal sealed class ResampleAxis
{
    /// <summary>Eight bits for the pixel and two for what lobes below zero let the sum overshoot are left free of 32.</summary>
    public const int PrecisionBits = 32 - 8 - 2;

    private ResampleAxis(int count, int taps)
    {
        Starts = new int[count];
        Lengths = new int[count];
        Taps = taps;
        Weights = new int[count * taps];
    }

    /// <summary>The number of result pixels.</summary>
    public int Count => Starts.Length;

    /// <summary>The index of the first source pixel of each result pixel; never falls.</summary>
    public int[] Starts { get; }

    /// <summary>The number of source pixels of each result pixel.</summary>
    public int[] Lengths { get; }

    /// <summary>The room for weights of each result pixel: even, and zero where it has fewer; 0 where pixels are copied.</summary>
    public int Taps { get; }

    /// <summary>The weights, <see cref="Taps"/> a result pixel, in units of 2^-<see cref="PrecisionBits"/>.</summary>
    public int[] Weights { get; }

    /// <summary>The first source pixel that is used.</summary>
    public int First => Starts[0];

    /// <summary>The source pixel after the last one that is used.</summary>
    public int End => Starts.Zip(Lengths, (start, length) => start + length).Max();

    /// <summary>Plans the part of an axis that is wanted.</summary>
    /// <param name="sourceSize">The source's length in pixels.</param>
    /// <param name="size">The whole result's length in pixels.</param>
    /// <param name="filter">The filter.</param>
    /// <param name="offset">Where the wanted part of the result begins.</param>
    /// <param name="count">How long it is.</param>
    /// <param name="mirrored">
    /// Whether the source is stored from the last pixel to the first. The plan is then for the stored order, in both source and result.
    /// </param>
    public static ResampleAxis Create(int sourceSize, int size, Resampling filter, int offset, int count, bool mirrored)
    {
        var axis = sourceSize == size || filter == Resampling.Nearest
            ? Copies(sourceSize, size, offset, count)
            : Sums(sourceSize, size, filter, offset, count);
        if (mirrored)
            axis.Mirror(sourceSize);
        return axis;
    }

    private static ResampleAxis Copies(int sourceSize, int size, int offset, int count)
    {
        var axis = new ResampleAxis(count, taps: 0);
        Array.Fill(axis.Lengths, 1);
        var step = (double)sourceSize / size;
        var position = step * 0.5;
        // Stepping, not multiplying: the rounding errors of Pillow's walk decide which pixel is nearest.
        for (var i = 0; i < offset; i++)
            position += step;
        for (var i = 0; i < count; i++, position += step)
            axis.Starts[i] = (int)position;
        return axis;
    }

    private static ResampleAxis Sums(int sourceSize, int size, Resampling filter, int offset, int count)
    {
        var scale = (double)sourceSize / size;
        var stretch = Math.Max(scale, 1);
        var support = ResampleFilter.Support(filter) * stretch;
        var taps = (int)Math.Ceiling(support) * 2 + 1;
        var axis = new ResampleAxis(count, taps + (taps & 1));
        var weights = new double[taps];
        for (var i = 0; i < count; i++)
        {
            var center = (offset + i + 0.5) * scale;
            var start = Math.Max((int)(center - support + 0.5), 0);
            var length = Math.Min((int)(center + support + 0.5), sourceSize) - start;
            var sum = 0.0;
            for (var k = 0; k < length; k++)
            {
                weights[k] = ResampleFilter.Weight(filter, (k + start - center + 0.5) * (1 / stretch));
                sum += weights[k];
            }
            for (var k = 0; k < length; k++)
            {
                var weight = (sum != 0 ? weights[k] / sum : weights[k]) * (1 << PrecisionBits);
                axis.Weights[i * axis.Taps + k] = (int)(weight + (weight < 0 ? -0.5 : 0.5));
            }
            axis.Starts[i] = start;
            axis.Lengths[i] = length;
        }
        return axis;
    }

    // Planning the mirrored axis directly would not do: which pixels a window covers is rounded towards one side.
    private void Mirror(int sourceSize)
    {
        for (var i = 0; i < Count; i++)
        {
            Weights.AsSpan(i * Taps, Taps == 0 ? 0 : Lengths[i]).Reverse();
            Starts[i] = sourceSize - Starts[i] - Lengths[i];
        }
        Array.Reverse(Starts);
        Array.Reverse(Lengths);
        for (int i = 0, j = Count - 1; i < j; i++, j--)
        {
            for (var k = 0; k < Taps; k++)
                (Weights[i * Taps + k], Weights[j * Taps + k]) = (Weights[j * Taps + k], Weights[i * Taps + k]);
        }
    }
}
