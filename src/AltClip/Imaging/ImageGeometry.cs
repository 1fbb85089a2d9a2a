namespace AltClip.Imaging;

/// <summary>What becomes of one axis of a picture: it is resized, and the middle of that is taken or surrounded.</summary>
/// <param name="SourceSize">The picture's length.</param>
/// <param name="ResizedSize">Its length after resizing.</param>
/// <param name="Size">The result's length.</param>
internal readonly record struct AxisGeometry(int SourceSize, int ResizedSize, int Size)
{
    /// <summary>Where the part of the resized picture that is seen begins.</summary>
    public int VisibleStart => Math.Max(ResizedSize - Size, 0) / 2;

    /// <summary>How long that part is.</summary>
    public int VisibleSize => Math.Min(ResizedSize, Size);

    /// <summary>Where it lies in the result.</summary>
    public int Padding => (Math.Max(Size - ResizedSize, 0) + 1) / 2;
}

/// <summary>What becomes of a picture's height and width, by the rules of transformers.</summary>
internal readonly record struct ImageGeometry(AxisGeometry Vertical, AxisGeometry Horizontal)
{
    /// <summary>Applies a configuration to a picture.</summary>
    /// <exception cref="ImageException">The picture is so narrow that its longer edge would exceed what an edge can be.</exception>
    public static ImageGeometry Of(CLIPImageProcessorConfig config, PixelRows picture, string name) =>
        Of(config, picture.UprightHeight, picture.UprightWidth, name);

    /// <summary>Applies a configuration to a picture that is upright already.</summary>
    /// <exception cref="ImageException">The picture is so narrow that its longer edge would exceed what an edge can be.</exception>
    public static ImageGeometry Of(CLIPImageProcessorConfig config, int height, int width, string name)
    {
        var (resizedHeight, resizedWidth) = config.DoResize ? Resized(config.Size, height, width) : (height, width);
        if (Math.Max(resizedHeight, resizedWidth) > int.MaxValue)
            throw new ImageException($"{name}, of {width} x {height} pixels, would be resized to {resizedWidth} x {resizedHeight}.");
        var (cropHeight, cropWidth) = config.DoCenterCrop
            ? (config.CropSize.Height!.Value, config.CropSize.Width!.Value)
            : ((int)resizedHeight, (int)resizedWidth);
        return new(new(height, (int)resizedHeight, cropHeight), new(width, (int)resizedWidth, cropWidth));
    }

    private static (long Height, long Width) Resized(ImageSize size, int height, int width)
    {
        if (size.ShortestEdge is not { } edge)
            return (size.Height!.Value, size.Width!.Value);
        return width <= height
            ? ((long)((double)((long)edge * height) / width), edge)
            : (edge, (long)((double)((long)edge * width) / height));
    }
}
