namespace AltClip.Imaging.Formats;

/// <summary>What is said of pictures that can't be read, in the same words for all formats.</summary>
internal static class ImageErrors
{
    /// <summary>The exception for a file that ends too early.</summary>
    public static ImageException Truncated(string name) =>
        new($"{name} is truncated: the file ends before its picture does.");

    /// <summary>The exception for a file that begins as its format wants it, and doesn't go on so.</summary>
    public static ImageException Corrupt(string name, IImageFormat format) =>
        new($"{name} starts as a {format.Name} picture but cannot be decoded: it is corrupt or truncated.");

    /// <summary>The exception for a file of no format that is read: it names the format, if it is known, and says what to do.</summary>
    public static ImageException OtherFormat(string name, ReadOnlySpan<byte> file) => new(OtherFormats.Describe(file) is { } other
        ? $"{name} is {other}. Read are {ImageFormats.Names} pictures."
        : $"{name} is not a {ImageFormats.Names} picture: it starts with {Convert.ToHexString(file[..Math.Min(8, file.Length)])}.");

    /// <summary>The exception for a picture that would have to be converted and may not be.</summary>
    public static ImageException NotRgb(string name) =>
        new($"{name} is not stored as RGB, and the configuration's do_convert_rgb forbids converting it.");

    /// <summary>Refuses a picture by the size that its header says.</summary>
    /// <exception cref="ImageException">There are more pixels than are allowed.</exception>
    public static void CheckSize(int width, int height, long maxPixels, string name)
    {
        if ((long)width * height > maxPixels)
        {
            throw new ImageException(
                $"{name} claims {width} x {height} pixels, more than the limit of {maxPixels}; it was not decoded.");
        }
    }
}
