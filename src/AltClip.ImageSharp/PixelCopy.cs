using System.Runtime.InteropServices;
using AltClip.Imaging;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;

namespace AltClip.ImageSharp;

/// <summary>Copies pixels of any kind.</summary>
internal static class PixelCopy
{
    /// <summary>The picture as a source with pixels of its own.</summary>
    public static ImageSource ToSource<TPixel>(Image<TPixel> image, string name)
        where TPixel : unmanaged, IPixel<TPixel>
    {
        if (image.PixelType.AlphaRepresentation is null or PixelAlphaRepresentation.None)
        {
            using var rgb = image.CloneAs<Rgb24>();
            return ImageSource.FromPixels(Rows(rgb), image.Width, image.Height, PixelFormat.Rgb24, name: name);
        }
        using var rgba = image.CloneAs<Rgba32>();
        return ImageSource.FromPixels(Rows(rgba), image.Width, image.Height, PixelFormat.Rgba32, name: name);
    }

    /// <summary>The pixels' bytes, row after row.</summary>
    public static byte[] Rows<TPixel>(Image<TPixel> image)
        where TPixel : unmanaged, IPixel<TPixel>
    {
        var pixels = new TPixel[checked(image.Width * image.Height)];
        image.CopyPixelDataTo(pixels);
        return MemoryMarshal.AsBytes(pixels.AsSpan()).ToArray();
    }
}
