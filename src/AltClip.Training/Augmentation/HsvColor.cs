namespace AltClip.Training.Augmentation;

/// <summary>Pillow's conversions to and from its mode HSV, with their roundings.</summary>
internal static class HsvColor
{
    // What depends on one byte alone: the sixth of the circle that a hue is in, how far in it is, and a saturation from 0 to 1.
    private static readonly (int Sector, float Into)[] Hues = [.. Enumerable.Range(0, 256).Select(hue =>
    {
        var sector = (int)(hue * 6.0f / 255.0);
        return (sector % 6, (float)(hue * 6.0f / 255.0 - sector));
    })];

    private static readonly float[] Saturations = [.. Enumerable.Range(0, 256).Select(saturation => (float)(saturation / 255.0))];

    public static (byte Hue, byte Saturation, byte Value) FromRgb(byte red, byte green, byte blue)
    {
        var most = Math.Max(red, Math.Max(green, blue));
        var range = (float)(most - Math.Min(red, Math.Min(green, blue)));
        if (range == 0) return (0, 0, most);
        var (first, plus, minus) = red == most ? (0.0, blue, green) : green == most ? (2.0, red, blue) : (4.0, green, red);
        var hue = (float)(first + (most - plus) / range - (most - minus) / range);
        // A remainder by 1.
        var turns = hue / 6.0 + 1.0;
        var turned = (float)(turns >= 1 ? turns - 1 : turns);
        return ((byte)(turned * 255.0), (byte)(range / most * 255.0), most);
    }

    public static uint ToRgb(byte hue, byte saturation, byte value)
    {
        if (saturation == 0) return value * 0x010101u;
        var (sector, into) = Hues[hue];
        var depth = Saturations[saturation];
        var least = Round(value * (1.0 - depth));
        var falling = Round(value * (1.0 - depth * into));
        var rising = Round(value * (1.0 - depth * (1.0 - into)));
        return sector switch
        {
            0 => Rgb(value, rising, least),
            1 => Rgb(falling, value, least),
            2 => Rgb(least, value, rising),
            3 => Rgb(least, falling, value),
            4 => Rgb(rising, least, value),
            _ => Rgb(value, least, falling),
        };
    }

    private static uint Round(double number) => (uint)(number + 0.5);

    private static uint Rgb(uint red, uint green, uint blue) => red | green << 8 | blue << 16;
}
