using System.Net;
using ImageSearch;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Xunit;

namespace AltClip.Search.Tests;

/// <summary>As many pictures of strangers at a time as there is memory for.</summary>
public sealed class UploadsTests
{
    [Fact]
    public async Task SoManyAreDecodedSoManyWaitAndOneMoreIsTurnedAway()
    {
        using var uploads = Uploads(new() { MaxUploads = 5, MaxDecodes = 2 });
        var (decoding, most, release) = (0, 0, new TaskCompletionSource());
        var gate = new Lock();
        var under = Enumerable.Range(0, 5).Select(_ => uploads.WithPictureAsync(Request([1]), async _ =>
        {
            lock (gate) most = Math.Max(most, ++decoding);
            await release.Task;
            lock (gate) decoding--;
            return true;
        })).ToList();

        var late = Request([1]);
        var error = await Assert.ThrowsAsync<UploadException>(() => uploads.WithPictureAsync(late, _ => Task.FromResult(true)));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, error.Status);
        Assert.Contains("Try again", error.Message);
        Assert.Equal("5", late.Response.Headers.RetryAfter.ToString());

        release.SetResult();
        Assert.All(await Task.WhenAll(under), Assert.True);
        Assert.Equal(2, most);
        Assert.True(await uploads.WithPictureAsync(Request([1]), _ => Task.FromResult(true)));
    }

    [Fact]
    public async Task OneThatNeverArrivesIsGivenUp()
    {
        using var uploads = Uploads(new() { MaxUploads = 1, MaxUploadTime = TimeSpan.FromMilliseconds(50) });
        var stuck = Request([]);
        stuck.Request.Body = new System.IO.Pipelines.Pipe().Reader.AsStream();
        Assert.Equal(HttpStatusCode.RequestTimeout, (await Assert.ThrowsAsync<UploadException>(() => uploads.WithPictureAsync(stuck, _ => Task.FromResult(true)))).Status);
        Assert.True(await uploads.WithPictureAsync(Request([1]), _ => Task.FromResult(true)));
    }

    [Fact]
    public async Task AFailureMakesPlaceForTheNext()
    {
        using var uploads = Uploads(new() { MaxUploads = 1, MaxDecodes = 1, MaxUploadBytes = 3 });
        for (var i = 0; i < 3; i++)
        {
            Assert.Contains("larger than", (await Assert.ThrowsAsync<UploadException>(() => uploads.WithPictureAsync(Request(new byte[4]), _ => Task.FromResult(true)))).Message);
            Assert.Contains("no picture", (await Assert.ThrowsAsync<UploadException>(() => uploads.WithPictureAsync(Request([]), _ => Task.FromResult(true)))).Message);
            await Assert.ThrowsAsync<ImageException>(() => uploads.WithPictureAsync<bool>(Request([1]), _ => throw new ImageException("bad")));
        }
        Assert.True(await uploads.WithPictureAsync(Request([1]), _ => Task.FromResult(true)));
    }

    private static Uploads Uploads(ImageSearchOptions options) => new(Options.Create(options));

    private static DefaultHttpContext Request(byte[] body) => new() { Request = { Body = new MemoryStream(body) } };
}
