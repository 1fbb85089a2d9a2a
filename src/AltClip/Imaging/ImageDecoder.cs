using AltClip.Imaging.Formats;

namespace AltClip.Imaging;

/// <summary>Turns image sources into rows of pixels.</summary>
internal static unsafe class ImageDecoder
{
    /// <summary>Opens a picture; its header is read, its limits checked.</summary>
    /// <param name="source">The picture.</param>
    /// <param name="options">Orientation, background, limits.</param>
    /// <param name="convertRgb">Whether pictures stored otherwise than as RGB are converted; if not, they are refused.</param>
    /// <param name="workspace">Memory that the rows need for as long as they are used.</param>
    /// <exception cref="ImageException">The file is empty, of no known format, too large, truncated or corrupt.</exception>
    public static PixelRows Open(ImageSource source, ImageProcessingOptions options, bool convertRgb, ImageWorkspace workspace)
    {
        if (source.Origin is var (original, change))
            return MemoryRows.Copy(Changed(RgbImage.Decode(original, options, convertRgb, workspace), change, source.Name), workspace);
        if (source.Shared is { } shared)
            return OpenShared(shared, source.Name, options, convertRgb, workspace);
        return source.Pixels is { } pixels
            ? OpenPixels(pixels, source.Name, options, convertRgb, workspace)
            : OpenFile(source, options, convertRgb, workspace);
    }

    // As with a decoder from outside: what goes wrong is one picture's, and names it.
    private static RgbImage Changed(RgbImage image, Func<RgbImage, RgbImage> change, string name)
    {
        RgbImage? changed;
        try
        {
            changed = change(image);
        }
        catch (Exception error) when (error is not (OutOfMemoryException or OperationCanceledException))
        {
            throw new ImageException($"{name} cannot be changed: {error.Message}", error);
        }
        return changed ?? throw new ImageException($"{name} cannot be changed: the function returned null; expected a picture.");
    }

    private static PixelRows OpenFile(ImageSource source, ImageProcessingOptions options, bool convertRgb, ImageWorkspace workspace)
    {
        var image = new ImageFile(source.Name, source.ReadEncoded(workspace.Encoded), options, convertRgb, workspace);
        var file = image.Bytes;
        if (file.IsEmpty)
            throw new ImageException($"{source.Name} is empty.");
        return (ImageFormats.Find(file) ?? throw ImageErrors.OtherFormat(source.Name, file)).Open(image);
    }

    private static PixelRows OpenShared(
        SharedPixels pixels, string name, ImageProcessingOptions options, bool convertRgb, ImageWorkspace workspace)
    {
        if (!convertRgb)
            throw ImageErrors.NotRgb(name);
        if (options.Background is not { } background)
            return new SharedRows(pixels, workspace);
        var count = (long)pixels.Width * pixels.Height;
        var memory = workspace.Rows.Reserve(count * PillowResampler.PixelBytes);
        using var handle = pixels.Rgba.Pin();
        AlphaBackground.LayOn(background, (byte*)handle.Pointer, memory, count);
        return new MemoryRows(memory, pixels.Width, pixels.Height, orientation: default);
    }

    private static MemoryRows OpenPixels(
        ImagePixels pixels, string name, ImageProcessingOptions options, bool convertRgb, ImageWorkspace workspace)
    {
        if (!convertRgb && !pixels.IsRgb)
            throw ImageErrors.NotRgb(name);
        var memory = pixels.Memory;
        if (pixels.HasAlpha && options.Background is { } background)
        {
            var count = (long)pixels.Width * pixels.Height;
            memory = workspace.Rows.Reserve(count * PillowResampler.PixelBytes);
            AlphaBackground.LayOn(background, pixels.Memory, memory, count);
        }
        return new MemoryRows(memory, pixels.Width, pixels.Height, orientation: default);
    }
}
