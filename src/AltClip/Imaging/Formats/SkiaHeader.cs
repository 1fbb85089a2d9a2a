namespace AltClip.Imaging.Formats;

/// <summary>
/// What a file says of its picture outside the pixels, where SkiaSharp does not say it or says it differently than Pillow.
/// </summary>
/// <param name="IsRgb">Whether the pixels are stored as red, green and blue; null where that is for SkiaSharp to say, by the alpha it finds.</param>
/// <param name="Orientation">The EXIF orientation, 1 if there is none.</param>
internal readonly record struct SkiaHeader(bool? IsRgb, int Orientation = 1);
