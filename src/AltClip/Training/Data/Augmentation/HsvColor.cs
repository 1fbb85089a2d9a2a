namespace AltClip;

/// <summary>Pillow's conversions to and from its mode HSV, with their roundings.</summary>
internal static class HsvColor
{
    public static (byte Hue, byte Saturation, byte Value) FromRgb(byte red, byte green, byte blue)
    {
        var most = Math.Max(red, Math.Max(green, blue));
        var range = (float)(most - Math.Min(red, Math.Min(green, blue)));
        if (range == 0) return (0, 0, most);
        var (fromRed, fromGreen, fromBlue) = ((most - red) / range, (most - green) / range, (most - blue) / range);
        var hue = red == most ? fromBlue - fromGreen
            : green == most ? (float)(2.0 + fromRed - fromBlue)
            : (float)(4.0 + fromGreen - fromRed);
        var turned = (float)((hue / 6.0 + 1.0) % 1.0);
        return ((byte)(turned * 255.0), (byte)(range / most * 255.0), most);
    }

    public static uint ToRgb(byte hue, byte saturation, byte value)
    {
        if (saturation == 0) return value * 0x010101u;
        var sector = (int)(hue * 6.0f / 255.0);
        var rest = (float)(hue * 6.0f / 255.0 - sector);
        var depth = (float)(saturation / 255.0);
        var least = Round(value * (1.0 - depth));
        var falling = Round(value * (1.0 - depth * rest));
        var rising = Round(value * (1.0 - depth * (1.0 - rest)));
        return (sector % 6) switch
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
