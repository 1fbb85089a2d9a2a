using AltClip.Imaging;
using AltClip.Imaging.Formats;
using SixLabors.ImageSharp.Formats.Bmp;
using SixLabors.ImageSharp.Formats.Gif;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.Formats.Png;
using SixLabors.ImageSharp.Formats.Webp;

namespace AltClip.ImageSharp;

/// <summary>ImageSharp's decoders.</summary>
public static class ImageSharpDecoders
{
    extension(ImageFormats)
    {
        /// <summary>
        /// Lets ImageSharp decode JPEG, PNG, GIF, WebP and BMP in place of SkiaSharp, for the whole process. Pixels are ImageSharp's, which are not
        /// Pillow's bytes. A file that ends too early is an error, whatever the options allow; what is damaged before the end, ImageSharp may decode
        /// to a picture.
        /// </summary>
        /// <returns>Gives the formats back to SkiaSharp when it is disposed.</returns>
        public static IDisposable UseImageSharpDecoder() => ImageFormats.Substitute(format => Decoder(format.Name) is { } decoder
            ? new RegisteredFormat(new ImageSharpDecoder(format, decoder))
            : null);
    }

    private static SixLabors.ImageSharp.Formats.IImageDecoder? Decoder(string format) => format switch
    {
        "JPEG" => new JpegDecoder(),
        "PNG" => new PngDecoder(),
        "GIF" => new GifDecoder { DecodingMode = SixLabors.ImageSharp.Metadata.FrameDecodingMode.First },
        "WebP" => new WebpDecoder(),
        "BMP" => new BmpDecoder(),
        _ => null,
    };
}
