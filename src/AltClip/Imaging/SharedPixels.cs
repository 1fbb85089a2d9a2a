namespace AltClip.Imaging;

/// <summary>A picture in memory that is another's, who keeps it as it is until it was processed.</summary>
/// <param name="Rgba">Red, green, blue and alpha of each pixel, row after row.</param>
/// <param name="Width">The width in pixels.</param>
/// <param name="Height">The height in pixels.</param>
internal sealed record SharedPixels(ReadOnlyMemory<byte> Rgba, int Width, int Height);
