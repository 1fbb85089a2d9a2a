namespace AltClip.Imaging.Magick;

/// <summary>What decoding by ImageMagick may cost.</summary>
public sealed record MagickDecoderOptions
{
    /// <summary>
    /// The most bytes for the pixels of all pictures that are decoded at a time. A picture that needs more by itself is refused; others wait
    /// until there is room.
    /// </summary>
    public long MaxMemory { get; init; } = 4L << 30;

    /// <summary>How long one picture may take. One that takes longer is an error, and counts against the memory until it is done.</summary>
    public TimeSpan MaxTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Whether ImageMagick is left with nothing but the decoders of TIFF, HEIC and AVIF: no other format, no programs that it starts, no files
    /// of its own, one thread a picture. That holds for the process, from the first such picture on. An app that uses Magick.NET for other
    /// things sets it to false and takes care of its own policy; no other decoder is asked for here in either case.
    /// </summary>
    public bool RestrictProcess { get; init; } = true;
}
