using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;

namespace AltClip.ImageSharp;

/// <summary>Pictures that ImageSharp has decoded.</summary>
public static class ImageSharpSource
{
    extension(ImageSource)
    {
        /// <summary>A picture of ImageSharp; of animations the first frame.</summary>
        /// <typeparam name="TPixel">
        /// How a pixel is stored. Of <see cref="Rgba32"/> in one piece of memory, as ImageSharp keeps pictures of up to some megapixels, nothing
        /// is copied: the picture has to stay as it is, and undisposed, until it was processed. Others are copied now.
        /// </typeparam>
        /// <param name="image">The picture. Alpha is dropped unless the picture is laid on a background.</param>
        /// <param name="name">What errors call the picture.</param>
        /// <exception cref="ArgumentException">The name is empty, or the picture has too many pixels.</exception>
        public static ImageSource From<TPixel>(Image<TPixel> image, string name = "pixels")
            where TPixel : unmanaged, IPixel<TPixel>
        {
            ArgumentNullException.ThrowIfNull(image);
            if (image is Image<Rgba32> rgba && rgba.DangerousTryGetSinglePixelMemory(out var pixels))
                return ImageSource.FromShared(new PixelMemory(pixels).Memory, image.Width, image.Height, name);
            return PixelCopy.ToSource(image, name);
        }
    }
}
