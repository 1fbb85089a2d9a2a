namespace AltClip.Imaging;

/// <summary>
/// The filters a picture is resized with, with the numbers of <c>PIL.Image.Resampling</c> and of <c>preprocessor_config.json</c>.
/// </summary>
public enum Resampling
{
    /// <summary>The one pixel under the centre of the new one.</summary>
    Nearest = 0,

    /// <summary>Sinc windowed by its own main lobe, three pixels to either side.</summary>
    Lanczos = 1,

    /// <summary>A triangle, one pixel to either side.</summary>
    Bilinear = 2,

    /// <summary>The cubic convolution with a = -0.5, two pixels to either side: what CLIP was trained with.</summary>
    Bicubic = 3,

    /// <summary>The mean of the pixels covered.</summary>
    Box = 4,

    /// <summary>Sinc in a Hamming window, one pixel to either side.</summary>
    Hamming = 5,
}
