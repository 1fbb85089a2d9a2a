namespace AltClip.Imaging;

/// <summary>What the header of a picture's file says.</summary>
/// <param name="Width">The width in pixels.</param>
/// <param name="Height">The height in pixels.</param>
/// <param name="IsRgb">
/// Whether pixels are stored as red, green and blue, without alpha or palette. Others are refused where a configuration's
/// <c>do_convert_rgb</c> is false.
/// </param>
public readonly record struct ImageInfo(int Width, int Height, bool IsRgb);
