namespace AltClip.Imaging.Magick;

/// <summary>
/// Samples of 16 bits, of which ImageMagick's build with 8 would round away what Pillow keeps: the file is declared to be one of 8-bit greys,
/// a byte each, and the bytes are joined afterwards.
/// </summary>
internal sealed class Samples16
{
    private const int BlackIsZero = 1, Rgb = 2;

    private readonly int _width;
    private readonly int _samples;
    private readonly bool _bigEndian;
    private readonly bool _signed;
    private readonly bool _differences;

    private Samples16(int width, int samples, bool bigEndian, bool signed, bool differences) =>
        (_width, _samples, _bigEndian, _signed, _differences) = (width, samples, bigEndian, signed, differences);

    /// <summary>The width that the file now claims.</summary>
    public int DeclaredWidth => _width * _samples * 2;

    /// <summary>Declares the file anew, if it is of greys or of red, green and blue with 16 bits each.</summary>
    /// <returns>Null, and nothing done, if it is another.</returns>
    public static Samples16? Declared(TiffHeader header)
    {
        const int Contiguous = 1, Signed = 2, Horizontal = 2;
        var (width, samples) = (header.Get(TiffTag.ImageWidth, 0), (int)header.Get(TiffTag.SamplesPerPixel, 1));
        var (photometric, sampleFormat) = (header.Get(TiffTag.PhotometricInterpretation, BlackIsZero), header.Get(TiffTag.SampleFormat, 1));
        var predictor = header.Get(TiffTag.Predictor, 1);
        if (header.Get(TiffTag.BitsPerSample, 1) != 16 || (samples, photometric) is not ((1, 0 or BlackIsZero) or (3, Rgb))
            || header.Has(TiffTag.ExtraSamples) || header.Get(TiffTag.PlanarConfiguration, Contiguous) != Contiguous
            || sampleFormat is not (1 or Signed) || predictor is not (1 or Horizontal) || header.Has(TiffTag.TileWidth) && predictor == Horizontal
            || width * samples * 2 > int.MaxValue)
        {
            return null;
        }
        var result = new Samples16((int)width, samples, header.IsBigEndian, sampleFormat == Signed, predictor == Horizontal);
        header.Set(TiffTag.ImageWidth, result.DeclaredWidth);
        header.Set(TiffTag.TileWidth, header.Get(TiffTag.TileWidth, 0) * samples * 2);
        header.Set(TiffTag.BitsPerSample, 8);
        header.Set(TiffTag.SamplesPerPixel, 1);
        header.Set(TiffTag.PhotometricInterpretation, BlackIsZero);
        header.Set(TiffTag.SampleFormat, 1);
        header.Set(TiffTag.Predictor, 1);
        return result;
    }

    /// <summary>Joins the bytes as Pillow turns them into RGB: greys are clipped at 255, of colours the upper byte is taken.</summary>
    public RgbImage Join(RgbImage bytes)
    {
        var image = new RgbImage(_width, bytes.Height);
        Span<ushort> before = stackalloc ushort[3];
        for (var y = 0; y < image.Height; y++)
        {
            var source = bytes.Pixels.Slice(y * DeclaredWidth * RgbImage.PixelBytes, DeclaredWidth * RgbImage.PixelBytes);
            var target = image.Pixels.Slice(y * _width * RgbImage.PixelBytes, _width * RgbImage.PixelBytes);
            before.Clear();
            for (var i = 0; i < _width * _samples; i++)
            {
                var (first, second) = (source[8 * i], source[8 * i + 4]);
                var value = (ushort)(_bigEndian ? first << 8 | second : second << 8 | first);
                if (_differences)
                    value = before[i % _samples] += value;
                if (_samples == 1)
                    target.Slice(4 * i, 3).Fill((byte)Math.Clamp(_signed ? (short)value : value, 0, 255));
                else
                    target[4 * (i / 3) + i % 3] = (byte)(value >> 8);
            }
        }
        return image;
    }
}
