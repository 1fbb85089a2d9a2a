using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Json;
using ImageSearch;
using Xunit;

namespace AltClip.Search.Tests;

public sealed class ApiTests(PageServer server) : IClassFixture<PageServer>
{
    [Fact]
    public async Task TextsFindPictures()
    {
        var answer = await server.Client.GetFromJsonAsync<SearchAnswer>($"api/search?q={Uri.EscapeDataString("火箭")}&top=2");
        Assert.Equal("rocket.png", answer!.Results[0].Id);
        Assert.Equal(2, answer.Results.Count);
        Assert.True(answer.Results[0].Score > answer.Results[1].Score);
    }

    [Fact]
    public async Task PicturesFindPictures()
    {
        using var response = await PostAsync(File.ReadAllBytes(EmojiPipeline.Picture("pizza")));
        var answer = await response.Content.ReadFromJsonAsync<SearchAnswer>();
        Assert.Equal("pizza.png", answer!.Results[0].Id);
        Assert.Equal(1, answer.Results[0].Score!.Value, 1e-4f);
        var similar = await server.Client.GetFromJsonAsync<SearchAnswer>("api/similar?id=pizza.png");
        Assert.Equal(answer.Results.Select(found => found.Id), similar!.Results.Select(found => found.Id));
    }

    [Fact]
    public async Task StatusAndHealthAreTold()
    {
        var status = await server.Client.GetFromJsonAsync<StatusAnswer>("api/status");
        Assert.Equal(("altclip-emoji", 9L), (status!.Model, status.Pictures));
        Assert.Equal("Healthy", await server.Client.GetStringAsync("health"));
    }

    [Fact]
    public async Task FoundPicturesAreGivenWhateverTheyAreCalled()
    {
        var answer = await server.Client.GetFromJsonAsync<SearchAnswer>("api/search?q=penguin");
        var odd = answer!.Results.Single(found => found.Id == $"more/{PageServer.OddName}");
        using var response = await server.Client.GetAsync(odd.Url);
        Assert.Equal("image/png", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(File.ReadAllBytes(EmojiPipeline.Picture("penguin")), await response.Content.ReadAsByteArrayAsync());
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
    }

    [Theory]
    [InlineData("secret.txt")]
    [InlineData("broken.png")]
    [InlineData("more/../pizza.png")]
    [InlineData("../pizza.png")]
    [InlineData("/etc/passwd")]
    [InlineData("more")]
    [InlineData("")]
    [InlineData("pizza.png\0.txt")]
    public async Task NothingElseIsGiven(string id)
    {
        foreach (var address in new[] { "picture", "api/similar" })
        {
            using var response = await server.Client.GetAsync($"{address}?id={Uri.EscapeDataString(id)}");
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        }
    }

    [Fact]
    public async Task AStoreThatNamesPicturesElsewhereGivesNoneOfThem()
    {
        var (known, outside) = (await server.Store.GetAsync("pizza.png"), EmojiPipeline.Picture("pizza"));
        string[] ids = [outside, Path.GetRelativePath(server.Folder, outside)];
        try
        {
            await server.Store.UpsertAsync([.. ids.Select(id => known! with { Id = id })]);
            foreach (var id in ids)
            {
                using var response = await server.Client.GetAsync($"picture?id={Uri.EscapeDataString(id)}");
                Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
            }
        }
        finally
        {
            await server.Store.DeleteAsync(ids);
        }
    }

    /// <summary>By the name of a stranger, whose page would then be of the same origin (DNS rebinding).</summary>
    [Theory]
    [InlineData("evil.example", HttpStatusCode.BadRequest)]
    [InlineData("127.0.0.1.evil.example", HttpStatusCode.BadRequest)]
    [InlineData("localhost:1234", HttpStatusCode.OK)]
    public async Task OnlyItsOwnNamesAreAnswered(string host, HttpStatusCode expected)
    {
        foreach (var address in new[] { "api/status", "picture?id=pizza.png", "" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address) { Headers = { Host = host } };
            using var response = await server.Client.SendAsync(request);
            Assert.Equal(expected, response.StatusCode);
        }
    }

    [Theory]
    [InlineData("..%2f..%2fsecret.txt")]
    [InlineData("%2e%2e/secret.txt")]
    [InlineData("ImageSearch.dll")]
    public async Task TheServersOwnFilesAreNotGiven(string path)
    {
        using var response = await server.Client.GetAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Theory]
    [InlineData("api/search", "Type what the picture shows")]
    [InlineData("api/search?q=%20", "Type what the picture shows")]
    [InlineData("api/search?q=x&top=0", "top is 0; expected 1 to 200")]
    [InlineData("api/similar?id=pizza.png&top=1000", "top is 1000")]
    [InlineData("api/pictures?top=abc", "top is abc; expected 1 to 200")]
    public async Task BadQueriesAreExplained(string address, string message)
    {
        using var response = await server.Client.GetAsync(address);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(message, (await response.Content.ReadFromJsonAsync<ErrorAnswer>())!.Error);
    }

    [Fact]
    public async Task TextsThatAreTooLongAreRefused()
    {
        using var response = await server.Client.GetAsync($"api/search?q={new string('x', 1001)}");
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task BadPicturesAreExplained()
    {
        Assert.Contains("no picture", await RefusedAsync([]));
        Assert.Contains("not a JPEG, PNG, GIF, WebP or BMP", await RefusedAsync("none of them"u8.ToArray()));
        Assert.Contains("is SVG", await RefusedAsync("<svg/>"u8.ToArray()));
        var picture = File.ReadAllBytes(EmojiPipeline.Picture("pizza"));
        Assert.NotEmpty(await RefusedAsync(picture[..200]));
        Assert.Contains("larger than 20 MB", await RefusedAsync(new byte[(20 << 20) + 1]));

        // 100,000 by 100,000 pixels, if the file is to be believed.
        BinaryPrimitives.WriteInt32BigEndian(picture.AsSpan(16), 100_000);
        BinaryPrimitives.WriteInt32BigEndian(picture.AsSpan(20), 100_000);
        Assert.NotEmpty(await RefusedAsync(picture));
    }

    private async Task<string> RefusedAsync(byte[] body)
    {
        using var response = await PostAsync(body);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<ErrorAnswer>())!.Error;
    }

    private Task<HttpResponseMessage> PostAsync(byte[] body) => server.Client.PostAsync("api/search", new ByteArrayContent(body));
}
