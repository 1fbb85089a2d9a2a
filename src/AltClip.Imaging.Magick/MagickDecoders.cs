namespace AltClip.Imaging.Magick;

/// <summary>Adds TIFF, HEIC and AVIF to <see cref="ImageFormats"/>.</summary>
public static class MagickDecoders
{
    /// <summary>Adds the formats for the whole process. An app calls it once, at its start.</summary>
    /// <param name="options">What decoding may cost; null for the defaults.</param>
    /// <returns>Takes the formats out again when it is disposed.</returns>
    /// <exception cref="ArgumentException">One of the formats is there already, or a limit is not positive.</exception>
    public static IDisposable Register(MagickDecoderOptions? options = null)
    {
        options ??= new();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.MaxMemory, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.MaxTime, TimeSpan.Zero, nameof(options));
        var reader = new MagickReader(options);
        return new Registrations([new TiffDecoder(reader), HeifDecoder.Heic(reader), HeifDecoder.Avif(reader)]);
    }

    private sealed class Registrations : IDisposable
    {
        private readonly Stack<IDisposable> _formats = new();

        public Registrations(IImageDecoder[] decoders)
        {
            try
            {
                foreach (var decoder in decoders)
                    _formats.Push(ImageFormats.Register(decoder));
            }
            catch
            {
                Dispose();
                throw;
            }
        }

        public void Dispose()
        {
            while (_formats.TryPop(out var format))
                format.Dispose();
        }
    }
}
