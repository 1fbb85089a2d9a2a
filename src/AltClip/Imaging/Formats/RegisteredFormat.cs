namespace AltClip.Imaging.Formats;

/// <summary>A format that a decoder from outside the library reads, under the same limits and with the same errors as the others.</summary>
internal sealed class RegisteredFormat(IImageDecoder decoder) : IImageFormat
{
    /// <inheritdoc/>
    public string Name { get; } = decoder.Name;

    /// <inheritdoc/>
    public IReadOnlyList<string> Extensions { get; } = [.. decoder.Extensions];

    /// <inheritdoc/>
    public bool Recognizes(ReadOnlySpan<byte> file) => decoder.Recognizes(file);

    /// <inheritdoc/>
    public PixelRows Open(ImageFile image)
    {
        var maxPixels = image.Options.MaxPixels;
        var info = Try(image, () => decoder.ReadInfo(image.Bytes));
        if (info is { } claimed)
            ImageErrors.CheckSize(claimed.Width, claimed.Height, maxPixels, image.Name);
        if (!image.ConvertRgb && info is not { IsRgb: true })
            throw ImageErrors.NotRgb(image.Name);
        var decoded = Try(image, () => decoder.Decode(image.Bytes, image.Options));
        if ((long)decoded.Width * decoded.Height > maxPixels)
        {
            throw new ImageException(
                $"{image.Name} has {decoded.Width} x {decoded.Height} pixels, more than the limit of {maxPixels}.");
        }
        return MemoryRows.Copy(decoded, image.Workspace);
    }

    // Whatever a decoder throws at a damaged file is the picture's fault, so that one doesn't stop those who go on after such pictures.
    private T Try<T>(ImageFile image, Func<T> step)
    {
        try
        {
            return step();
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            throw new ImageException($"{image.Name} starts as a {Name} picture but cannot be decoded: {error.Message}", error);
        }
    }
}
