using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using SkiaSharp;

namespace ImageSearch;

/// <summary>Small copies of pictures for the page's tiles, made when they are asked for and kept in bounded memory.</summary>
internal sealed class Thumbnails(IOptions<ImageSearchOptions> options) : IDisposable
{
    private const int Edge = 320;
    private const int Quality = 80;

    private readonly MemoryCache _cache = new(new MemoryCacheOptions { SizeLimit = options.Value.ThumbnailBytes });
    private readonly SemaphoreSlim _decodes = new(options.Value.MaxDecodes);

    /// <summary>A picture as WebP of at most 320 pixels, upright and with its transparency; null where it is none that can be decoded here.</summary>
    public async Task<byte[]?> GetAsync(string file, CancellationToken stop)
    {
        var about = new FileInfo(file);
        // A file that is written anew is another picture.
        var key = (file, about.Length, about.LastWriteTimeUtc);
        if (_cache.TryGetValue(key, out byte[]? thumbnail)) return thumbnail;
        await _decodes.WaitAsync(stop);
        try
        {
            thumbnail = await Task.Run(() => Make(file), stop);
        }
        finally
        {
            _decodes.Release();
        }
        // What can't be decoded is remembered too, as small as it is.
        return _cache.Set(key, thumbnail, new MemoryCacheEntryOptions { Size = 256 + (thumbnail?.Length ?? 0) });
    }

    public void Dispose()
    {
        _cache.Dispose();
        _decodes.Dispose();
    }

    private byte[]? Make(string file)
    {
        using var codec = SKCodec.Create(file);
        if (codec is null || (long)codec.Info.Width * codec.Info.Height > options.Value.MaxPixels) return null;
        var scale = Math.Min(1f, (float)Edge / Math.Max(codec.Info.Width, codec.Info.Height));
        // JPEG is decoded at an eighth, a quarter or half of its size where that is enough.
        var decoded = codec.GetScaledDimensions(scale);
        using var bitmap = new SKBitmap(new SKImageInfo(decoded.Width, decoded.Height, SKColorType.Rgba8888, SKAlphaType.Premul));
        if (codec.GetPixels(bitmap.Info, bitmap.GetPixels()) is not (SKCodecResult.Success or SKCodecResult.IncompleteInput)) return null;
        var (width, height) = (Scaled(codec.Info.Width), Scaled(codec.Info.Height));
        using var small = bitmap.Resize(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Premul), new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear));
        using var upright = Upright(small, codec.EncodedOrigin);
        using var encoded = upright.Encode(SKEncodedImageFormat.Webp, Quality);
        return encoded.ToArray();

        int Scaled(int edge) => Math.Max(1, (int)Math.Round(edge * scale));
    }

    /// <summary>A bitmap turned as EXIF says; the bitmap itself where nothing is to be turned.</summary>
    private static SKBitmap Upright(SKBitmap bitmap, SKEncodedOrigin origin)
    {
        if (origin is SKEncodedOrigin.TopLeft) return bitmap.Copy();
        var isSideways = origin >= SKEncodedOrigin.LeftTop;
        var (w, h) = isSideways ? (bitmap.Height, bitmap.Width) : (bitmap.Width, bitmap.Height);
        var upright = new SKBitmap(new SKImageInfo(w, h, SKColorType.Rgba8888, SKAlphaType.Premul));
        using var canvas = new SKCanvas(upright);
        canvas.Clear(SKColors.Transparent);
        canvas.SetMatrix(origin switch
        {
            SKEncodedOrigin.TopRight => new SKMatrix(-1, 0, w, 0, 1, 0, 0, 0, 1),
            SKEncodedOrigin.BottomRight => new SKMatrix(-1, 0, w, 0, -1, h, 0, 0, 1),
            SKEncodedOrigin.BottomLeft => new SKMatrix(1, 0, 0, 0, -1, h, 0, 0, 1),
            SKEncodedOrigin.LeftTop => new SKMatrix(0, 1, 0, 1, 0, 0, 0, 0, 1),
            SKEncodedOrigin.RightTop => new SKMatrix(0, -1, w, 1, 0, 0, 0, 0, 1),
            SKEncodedOrigin.RightBottom => new SKMatrix(0, -1, w, -1, 0, h, 0, 0, 1),
            _ => new SKMatrix(0, 1, 0, -1, 0, h, 0, 0, 1),
        });
        using var image = SKImage.FromBitmap(bitmap);
        canvas.DrawImage(image, 0, 0, SKSamplingOptions.Default);
        return upright;
    }
}
