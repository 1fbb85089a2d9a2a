namespace AltClip.Imaging;

/// <summary>The file formats that are read.</summary>
internal enum ImageFormat
{
    Jpeg,
    Png,
    Gif,
    WebP,
    Bmp,
}
