namespace AltClip.Imaging;

/// <summary>
/// Reads a file format that the library doesn't, such as TIFF or HEIC, once <see cref="ImageFormats.Register"/> has been given it. It is
/// called from several threads at a time.
/// </summary>
public interface IImageDecoder
{
    /// <summary>What messages call the format: <c>TIFF</c>.</summary>
    string Name { get; }

    /// <summary>How the names of such files end, each with its dot: <c>.tif</c>, <c>.tiff</c>. Folders are searched for them.</summary>
    IReadOnlyList<string> Extensions { get; }

    /// <summary>Whether a file is of this format, by its first bytes. It is asked of all that no other format is, and must not throw.</summary>
    /// <param name="file">The whole file, of one byte at least.</param>
    bool Recognizes(ReadOnlySpan<byte> file);

    /// <summary>Reads the header alone, so that a picture that claims too many pixels is not decoded.</summary>
    /// <param name="file">The whole file, which may be damaged.</param>
    /// <returns>
    /// What the header says, or null if it says nothing: then limits are checked on the decoded picture, and it counts as not stored as RGB.
    /// </returns>
    ImageInfo? ReadInfo(ReadOnlySpan<byte> file);

    /// <summary>Decodes the picture.</summary>
    /// <param name="file">The whole file, which may be damaged. It is gone after the call.</param>
    /// <param name="options">
    /// What the decoder has to look to: <see cref="ImageProcessingOptions.ApplyExifOrientation"/>,
    /// <see cref="ImageProcessingOptions.Background"/> and <see cref="ImageProcessingOptions.AllowTruncated"/>.
    /// </param>
    /// <returns>The picture, upright and without alpha, as far as the options say so.</returns>
    /// <exception cref="Exception">
    /// The file is damaged. Callers get an <see cref="ImageException"/> that names the picture and has the message in it.
    /// </exception>
    RgbImage Decode(ReadOnlySpan<byte> file, ImageProcessingOptions options);
}
