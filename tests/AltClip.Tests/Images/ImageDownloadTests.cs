using System.Net;
using AltClip.Imaging;
using Xunit;

namespace AltClip.Tests;

public sealed class ImageDownloadTests
{
    private static readonly Uri Address = new("https://example.org/pizza.png");

    [Theory]
    [InlineData("http://a.org/x.png", true)]
    [InlineData("HTTPS://a.org", true)]
    [InlineData("http:a", false)]
    [InlineData("file:///x.png", false)]
    [InlineData("ftp://a.org/x.png", false)]
    [InlineData("a picture: https://a.org", false)]
    [InlineData("/x.png", false)]
    [InlineData("", false)]
    public void AddressesOfTheWebAreKnown(string text, bool expected) => Assert.Equal(expected, ImageDownload.IsUrl(text));

    [Fact]
    public async Task APictureIsItsBytes()
    {
        var bytes = File.ReadAllBytes(TestData.Path("emoji", "pizza.png"));
        using var client = Client(_ => new(HttpStatusCode.OK) { Content = new ByteArrayContent(bytes) });
        var found = await ImageDownload.GetAsync(Address, client);
        Assert.Equal(Address.ToString(), found.Name);
        Assert.Equal(RgbImage.Decode(ImageSource.FromBytes(bytes)).Pixels.ToArray(), RgbImage.Decode(found).Pixels.ToArray());
    }

    [Fact]
    public async Task WhatGoesWrongIsSaidOfTheAddress()
    {
        await RefusedAsync("answered 404", _ => new(HttpStatusCode.NotFound));
        await RefusedAsync("no such host", _ => throw new HttpRequestException("no such host"));
        await RefusedAsync("did not answer in time", _ => throw new TaskCanceledException("100 seconds"));
        await RefusedAsync("at most 268,435,456", _ => new(HttpStatusCode.OK) { Content = new StreamContent(new Endless()) });
        await RefusedAsync("at most 268,435,456", _ =>
        {
            var content = new ByteArrayContent([1]);
            content.Headers.ContentLength = ImageDownload.MaxBytes + 1;
            return new(HttpStatusCode.OK) { Content = content };
        });
        await Assert.ThrowsAsync<ArgumentException>(() => ImageDownload.GetAsync(new Uri("file:///etc/passwd")));
        await Assert.ThrowsAsync<ArgumentException>(() => ImageDownload.GetAsync(new Uri("x.png", UriKind.Relative)));
        using var cancelled = Client(_ => throw new OperationCanceledException());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ImageDownload.GetAsync(Address, cancelled, new CancellationToken(canceled: true)));
    }

    private static async Task RefusedAsync(string message, Func<HttpRequestMessage, HttpResponseMessage> answer)
    {
        using var client = Client(answer);
        var error = await Assert.ThrowsAsync<IOException>(() => ImageDownload.GetAsync(Address, client));
        Assert.StartsWith(Address.ToString(), error.Message);
        Assert.Contains(message, error.Message);
    }

    private static HttpClient Client(Func<HttpRequestMessage, HttpResponseMessage> answer) => new(new Answering(answer));

    private sealed class Answering(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(answer(request));
    }

    private sealed class Endless : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => count;

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
