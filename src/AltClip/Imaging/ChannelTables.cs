namespace AltClip.Imaging;

/// <summary>
/// What each of the 256 values of a channel becomes, computed once with the roundings of transformers: rescaled as a double, kept as a
/// float, normalised as a float.
/// </summary>
/// <typeparam name="T">The type of the results: <see cref="float"/> or <see cref="byte"/>.</typeparam>
internal sealed class ChannelTables<T>(params T[][] tables)
    where T : unmanaged
{
    /// <summary>Writes a picture as <c>[channels, height, width]</c>.</summary>
    /// <param name="pixels">The visible part of the picture.</param>
    /// <param name="geometry">Where in the result it lies; the rest of the result is made from black.</param>
    /// <param name="result">The planes, one a channel.</param>
    public unsafe void Write(PixelGrid pixels, ImageGeometry geometry, Span<T> result)
    {
        var (vertical, horizontal) = (geometry.Vertical, geometry.Horizontal);
        var isPadded = vertical.VisibleSize < vertical.Size || horizontal.VisibleSize < horizontal.Size;
        for (var channel = 0; channel < tables.Length; channel++)
        {
            var plane = result.Slice(channel * vertical.Size * horizontal.Size, vertical.Size * horizontal.Size);
            if (isPadded)
                plane.Fill(tables[channel][0]);
            for (var y = 0; y < vertical.VisibleSize; y++)
            {
                var row = plane.Slice((vertical.Padding + y) * horizontal.Size + horizontal.Padding, horizontal.VisibleSize);
                Convert(pixels.Row(y) + channel, pixels.StepRight, tables[channel], row);
            }
        }
    }

    private static unsafe void Convert(byte* values, long step, T[] table, Span<T> row)
    {
        fixed (T* converted = table)
        {
            for (var x = 0; x < row.Length; x++, values += step)
                row[x] = converted[*values];
        }
    }
}

/// <summary>The tables a configuration asks for.</summary>
internal static class ChannelTables
{
    /// <summary>The bytes themselves.</summary>
    public static ChannelTables<byte> Identity { get; } = Create((value, _) => (byte)value);

    /// <summary>The rescaled and normalised numbers.</summary>
    public static ChannelTables<float> Floats(CLIPImageProcessorConfig config) => Create((value, channel) =>
    {
        var number = config.DoRescale ? (float)(value * config.RescaleFactor) : value;
        return config.DoNormalize ? (number - (float)config.ImageMean[channel]) / (float)config.ImageStd[channel] : number;
    });

    private static ChannelTables<T> Create<T>(Func<int, int, T> convert)
        where T : unmanaged
    {
        T[] Table(int channel) => [.. Enumerable.Range(0, 256).Select(value => convert(value, channel))];
        return new(Table(0), Table(1), Table(2));
    }
}
