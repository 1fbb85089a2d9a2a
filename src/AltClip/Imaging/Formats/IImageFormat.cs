namespace AltClip.Imaging.Formats;

/// <summary>A file format as <see cref="ImageFormats"/> lists it, whoever decodes it.</summary>
internal interface IImageFormat
{
    /// <summary>What messages call it.</summary>
    string Name { get; }

    /// <summary>How names of such files end, each with its dot.</summary>
    IReadOnlyList<string> Extensions { get; }

    /// <summary>Whether a file is of this format, by its first bytes.</summary>
    bool Recognizes(ReadOnlySpan<byte> file);

    /// <summary>Opens a picture; its header is read, its limits checked.</summary>
    /// <param name="image">A file that <see cref="Recognizes"/> said yes to.</param>
    /// <exception cref="ImageException">The picture is too large, truncated or corrupt.</exception>
    PixelRows Open(ImageFile image);
}
