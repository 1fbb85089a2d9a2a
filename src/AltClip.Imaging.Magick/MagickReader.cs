using ImageMagick;

namespace AltClip.Imaging.Magick;

/// <summary>Decodes a file of a named format by ImageMagick, under the limits of the options.</summary>
internal sealed unsafe class MagickReader(MagickDecoderOptions options)
{
    // A picture of at most five channels, what is taken of it, what is handed on, and that turned.
    private const int BytesPerPixel = 5 + 4 + 4 + 4;

    private readonly MemoryBudget _memory = new(options.MaxMemory);

    /// <summary>Decodes the first picture of a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="format">The one decoder that is asked.</param>
    /// <param name="info">What the header says.</param>
    /// <param name="define">Settings of the decoder, by name.</param>
    /// <param name="wanted">Background, and whether what is there of a truncated file is enough.</param>
    /// <exception cref="MagickException">ImageMagick can't decode it.</exception>
    /// <exception cref="InvalidOperationException">It is truncated, or takes too much memory or time.</exception>
    public RgbImage Read(
        ReadOnlySpan<byte> file, MagickFormat format, ImageInfo info, (string Name, string Value) define, ImageProcessingOptions wanted)
    {
        if (options.RestrictProcess)
            MagickRestrictions.Apply(options.MaxMemory);
        var (bytes, memory) = (file.ToArray(), _memory.Take((long)info.Width * info.Height * BytesPerPixel));
        // ImageMagick can't be stopped in the middle of a step. A picture that takes too long is left behind; until it is done, its memory
        // counts as taken, so that such pictures don't add up.
        var decoding = Task.Factory.StartNew(
            () =>
            {
                using (memory)
                    return Decode(bytes, format, define, wanted);
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        if (!((IAsyncResult)decoding).AsyncWaitHandle.WaitOne(options.MaxTime))
        {
            _ = decoding.ContinueWith(late => late.Exception, TaskContinuationOptions.OnlyOnFaulted);
            throw new InvalidOperationException($"it took longer than the limit of {options.MaxTime.TotalSeconds} seconds.");
        }
        return decoding.GetAwaiter().GetResult();
    }

    private static RgbImage Decode(byte[] file, MagickFormat format, (string Name, string Value) define, ImageProcessingOptions wanted)
    {
        var settings = new MagickReadSettings { Format = format, FrameIndex = 0, FrameCount = 1 };
        settings.SetDefine(format, define.Name, define.Value);
        using var image = new MagickImage();
        var warning = default(string);
        image.Warning += (_, e) => warning ??= e.Exception is MagickCorruptImageWarningException or MagickCoderWarningException ? e.Message : null;
        image.Read(file, settings);
        if (warning is not null && !wanted.AllowTruncated)
            throw new InvalidOperationException(warning);
        return Copy(image, wanted.Background);
    }

    private static RgbImage Copy(MagickImage image, RgbColor? background)
    {
        var result = new RgbImage((int)image.Width, (int)image.Height);
        using var pixels = image.GetPixelsUnsafe();
        if (image.ColorSpace == ColorSpace.CMYK)
        {
            FromCmyk(pixels.ToByteArray("CMYK")!, result.Pixels);
            return result;
        }
        pixels.ToByteArray(PixelMapping.RGBA)!.CopyTo(result.Pixels);
        if (background is { } color && image.HasAlpha)
        {
            fixed (byte* rgba = result.Pixels)
                AlphaBackground.LayOn(color, rgba, rgba, (long)result.Width * result.Height);
        }
        return result;
    }

    // As Pillow's convert("RGB") does it.
    private static void FromCmyk(ReadOnlySpan<byte> cmyk, Span<byte> rgb)
    {
        for (var i = 0; i < cmyk.Length; i += 4)
        {
            var light = 255 - cmyk[i + 3];
            for (var channel = 0; channel < 3; channel++)
            {
                var product = cmyk[i + channel] * light + 128;
                rgb[i + channel] = (byte)Math.Clamp(light - ((product + (product >> 8)) >> 8), 0, 255);
            }
        }
    }
}
