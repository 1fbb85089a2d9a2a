namespace AltClip.Imaging;

/// <summary>The order of bytes in a pixel that a caller hands over.</summary>
public enum PixelFormat
{
    /// <summary>Three bytes: red, green, blue.</summary>
    Rgb24,

    /// <summary>Four bytes: red, green, blue, alpha (not premultiplied).</summary>
    Rgba32,

    /// <summary>Four bytes: blue, green, red, alpha (not premultiplied).</summary>
    Bgra32,

    /// <summary>One byte: grey.</summary>
    Gray8,
}
