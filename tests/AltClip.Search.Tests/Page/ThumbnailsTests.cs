using System.Net;
using System.Net.Http.Json;
using AltClip.Tests;
using ImageSearch;
using Microsoft.Extensions.Options;
using SkiaSharp;
using Xunit;

namespace AltClip.Search.Tests;

/// <summary>The small copies that the page's tiles show.</summary>
public sealed class ThumbnailsTests(PageServer server) : IClassFixture<PageServer>, IDisposable
{
    private static readonly SKColor[] Quadrants = [SKColors.Red, SKColors.Lime, SKColors.Blue, SKColors.White];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ArePicturesOfTheIndexAlone()
    {
        var found = (await server.Client.GetFromJsonAsync<SearchAnswer>("api/pictures?top=3"))!.Results;
        Assert.Equal(3, found.Count);
        Assert.All(found, picture => Assert.Null(picture.Score));
        using var response = await server.Client.GetAsync(found[0].Thumbnail);
        Assert.Equal("image/webp", response.Content.Headers.ContentType!.MediaType);
        using var bitmap = SKBitmap.Decode(await response.Content.ReadAsByteArrayAsync());
        Assert.InRange(Math.Max(bitmap.Width, bitmap.Height), 1, 320);
        foreach (var id in new[] { "secret.txt", "broken.png", "../pizza.png", "nothing.png" })
        {
            using var refused = await server.Client.GetAsync($"thumbnail?id={Uri.EscapeDataString(id)}");
            Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        }
    }

    /// <summary>Which corners of the file are the upper ones: EXIF's orientation.</summary>
    [Theory]
    [InlineData(1, 0, 1)]
    [InlineData(2, 1, 0)]
    [InlineData(3, 3, 2)]
    [InlineData(4, 2, 3)]
    [InlineData(5, 0, 2)]
    [InlineData(6, 2, 0)]
    [InlineData(7, 3, 1)]
    [InlineData(8, 1, 3)]
    public async Task AreUprightAndSmall(int orientation, int upperLeft, int upperRight)
    {
        var file = _folder.Write("photo.jpg", Jpeg(1280, 640, orientation));
        using var thumbnails = new Thumbnails(Options.Create(new ImageSearchOptions()));
        using var bitmap = SKBitmap.Decode(await thumbnails.GetAsync(file, TestContext.Current.CancellationToken));
        Assert.Equal(orientation < 5 ? (320, 160) : (160, 320), (bitmap.Width, bitmap.Height));
        Assert.Equal((Quadrants[upperLeft], Quadrants[upperRight]), (Nearest(bitmap.GetPixel(20, 20)), Nearest(bitmap.GetPixel(bitmap.Width - 20, 20))));
    }

    [Fact]
    public async Task OfAFileThatWasWrittenAnewIsTheNewPicture()
    {
        using var thumbnails = new Thumbnails(Options.Create(new ImageSearchOptions()));
        var file = _folder.Write("photo.jpg", Jpeg(64, 32, 1));
        var first = await thumbnails.GetAsync(file, TestContext.Current.CancellationToken);
        Assert.Same(first, await thumbnails.GetAsync(file, TestContext.Current.CancellationToken));
        _folder.Write("photo.jpg", Jpeg(128, 32, 1));
        Assert.NotSame(first, await thumbnails.GetAsync(file, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task OfMorePixelsThanAreAllowedThereAreNone()
    {
        using var thumbnails = new Thumbnails(Options.Create(new ImageSearchOptions { MaxPixels = 64 * 32 - 1 }));
        Assert.Null(await thumbnails.GetAsync(_folder.Write("photo.jpg", Jpeg(64, 32, 1)), TestContext.Current.CancellationToken));
    }

    private static SKColor Nearest(SKColor color) => Quadrants.MinBy(other =>
        Math.Abs(other.Red - color.Red) + Math.Abs(other.Green - color.Green) + Math.Abs(other.Blue - color.Blue));

    /// <summary>A JPEG of four colours with EXIF's orientation.</summary>
    private static byte[] Jpeg(int width, int height, int orientation)
    {
        using var bitmap = new SKBitmap(width, height);
        using var canvas = new SKCanvas(bitmap);
        for (var i = 0; i < 4; i++)
        {
            using var paint = new SKPaint { Color = Quadrants[i] };
            canvas.DrawRect(i % 2 * width / 2, i / 2 * height / 2, width / 2, height / 2, paint);
        }
        using var encoded = bitmap.Encode(SKEncodedImageFormat.Jpeg, 95);
        var jpeg = encoded.ToArray();
        byte[] exif =
        [
            0xFF, 0xE1, 0, 34, .. "Exif\0\0II*\0"u8, 8, 0, 0, 0, 1, 0,
            0x12, 0x01, 3, 0, 1, 0, 0, 0, (byte)orientation, 0, 0, 0, 0, 0, 0, 0,
        ];
        return [.. jpeg[..2], .. exif, .. jpeg[2..]];
    }
}
