// What the documentation uses of SixLabors.ImageSharp, decoded by SkiaSharp, so that the code there can be compiled and run.
namespace SixLabors.ImageSharp.PixelFormats
{
    internal struct Rgb24
    {
    }
}

namespace SixLabors.ImageSharp
{
    internal static class Image
    {
        public static Image<TPixel> Load<TPixel>(string path) where TPixel : unmanaged => new(SkiaSharp.SKBitmap.Decode(path));
    }

    internal sealed class Image<TPixel>(SkiaSharp.SKBitmap bitmap) : System.IDisposable where TPixel : unmanaged
    {
        public int Width => bitmap.Width;

        public int Height => bitmap.Height;

        public void CopyPixelDataTo(System.Span<byte> destination)
        {
            var pixels = bitmap.Pixels;
            for (var i = 0; i < pixels.Length; i++)
                (destination[3 * i], destination[3 * i + 1], destination[3 * i + 2]) = (pixels[i].Red, pixels[i].Green, pixels[i].Blue);
        }

        public void Dispose() => bitmap.Dispose();
    }
}
