using System.Text.Json;
using AltClip.Checkpoints;
using AltClip.Hub;
using AltClip.Modeling;
using Xunit;

namespace AltClip.Tests.Hub;

/// <summary>Names from the network stay in the cache, and the token on the way to the Hub.</summary>
public sealed class HubSafetyTests : HubTest
{
    private const string Token = "hf_SecretOfThisTest";

    public HubSafetyTests() => Server.Files["config.json"] = "{}"u8.ToArray();

    [Theory]
    [InlineData("ETag", "\"../../../evil\"")]
    [InlineData("ETag", "\"..\"")]
    [InlineData("ETag", "\"\"")]
    [InlineData("ETag", "\"/etc/evil\"")]
    [InlineData("ETag", "\"C:\\evil\"")]
    [InlineData("ETag", "\"abc.incomplete\"")]
    [InlineData("X-Linked-Etag", "\"../../evil\"")]
    [InlineData("X-Repo-Commit", "../../evil")]
    [InlineData("X-Repo-Commit", "0123456789ABCDEF0123456789ABCDEF01234567")]
    [InlineData("X-Repo-Commit", "main")]
    [InlineData("X-Linked-Size", "-1")]
    [InlineData("X-Linked-Size", "much")]
    public async Task AHeaderThatWouldLeadElsewhereIsRefused(string name, string value)
    {
        Server.Answer = request =>
        {
            var reply = Server.Honest(request);
            reply.Headers[name] = value;
            return reply;
        };
        Assert.Equal(HubError.UnexpectedAnswer, (await Assert.ThrowsAsync<HubException>(DownloadAsync)).Error);
        Assert.Empty(Folder.Files);
    }

    [Theory]
    [InlineData("X-Repo-Commit")]
    [InlineData("ETag")]
    public async Task AnAnswerThatIsNoHubsIsRefused(string missing)
    {
        Server.Answer = request =>
        {
            var reply = Server.Honest(request);
            reply.Headers.Remove(missing);
            return reply;
        };
        var error = await Assert.ThrowsAsync<HubException>(DownloadAsync);
        Assert.Equal(HubError.UnexpectedAnswer, error.Error);
        Assert.Contains(missing, error.Message);
    }

    [Theory]
    [InlineData("../model.safetensors")]
    [InlineData("/etc/model.safetensors")]
    [InlineData("..\\model.safetensors")]
    [InlineData("sub/model.safetensors")]
    [InlineData("..")]
    public async Task AShardOutsideTheFolderIsRefused(string shard)
    {
        Server.Files["model.safetensors.index.json"] =
            JsonSerializer.SerializeToUtf8Bytes(new { weight_map = new Dictionary<string, string> { ["a"] = shard } });
        var id = HubModelId.Parse(FakeHub.Model, null);
        var error = await Assert.ThrowsAsync<CheckpointException>(() => Client.DownloadAsync(id, Pretrained.Files(), CancellationToken.None));
        Assert.Equal(CheckpointError.ShardOutsideFolder, error.Error);
        Assert.Equal(["hub"], Folder.Files);
    }

    [Theory]
    [InlineData("../config.json")]
    [InlineData("/config.json")]
    [InlineData("sub//config.json")]
    [InlineData("sub/../config.json")]
    [InlineData("sub\\config.json")]
    [InlineData("C:config.json")]
    [InlineData("config.json ")]
    [InlineData("config\n.json")]
    [InlineData("")]
    public async Task AFileOutsideTheModelIsRefused(string file)
    {
        Assert.Equal("file", (await Assert.ThrowsAnyAsync<ArgumentException>(() => Client.DownloadFileAsync(FakeHub.Model, file))).ParamName);
        Assert.Empty(Server.Requests);
    }

    [Fact]
    public async Task LargeFilesComeFromElsewhereWithoutTheToken()
    {
        using var store = new FakeHub();
        store.Answer = _ => new(200, Weights);
        Server.Answer = request => new(302)
        {
            Headers =
            {
                ["Location"] = $"{store.Address}/signed?key=1",
                ["X-Linked-Etag"] = $"\"{FakeHub.Etag("model.safetensors", Weights)}\"",
                ["X-Linked-Size"] = "16384",
                ["X-Repo-Commit"] = FakeHub.Commit,
            },
        };
        Options = Options with { Token = Token };
        Assert.Equal(Weights, File.ReadAllBytes(await Client.DownloadFileAsync(FakeHub.Model, "model.safetensors")));
        Assert.Equal(["GET /signed?key=1"], store.Asked);
        Assert.Null(store.Requests.Single()["Authorization"]);
        Assert.All(Server.Requests, request => Assert.Equal($"Bearer {Token}", request["Authorization"]));

        store.Answer = _ => new(403);
        Directory.Delete(Options.CacheFolder, recursive: true);
        var error = await Assert.ThrowsAsync<HubException>(() => Client.DownloadFileAsync(FakeHub.Model, "model.safetensors"));
        Assert.Contains($"{store.Address}/signed answered 403", error.Message);
        Assert.DoesNotContain("key=1", error.ToString());
    }

    [Fact]
    public async Task ARenamedModelIsFoundUnderItsNewNameWithTheToken()
    {
        Server.Answer = request => request.Path.StartsWith("/old/name/", StringComparison.Ordinal)
            ? new(307) { Headers = { ["Location"] = request.Path.Replace("/old/name/", "/BAAI/AltCLIP/") } }
            : null;
        Options = Options with { Token = Token };
        Assert.Equal("{}", File.ReadAllText(await Client.DownloadFileAsync("old/name", "config.json")));
        Assert.Equal(4, Server.Requests.Count);
        Assert.All(Server.Requests, request => Assert.Equal($"Bearer {Token}", request["Authorization"]));
    }

    [Fact]
    public async Task AMirrorMaySendElsewhereForEverything()
    {
        using var mirror = new FakeHub();
        mirror.Answer = request => new(308) { Headers = { ["Location"] = Server.Address + request.Path } };
        Options = Options with { Endpoint = mirror.Address + "/", Token = Token };
        Assert.Equal("{}", File.ReadAllText(await DownloadAsync()));
        Assert.All(Server.Requests, request => Assert.Null(request["Authorization"]));
    }

    [Theory]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://127.0.0.1/config.json")]
    [InlineData(null)]
    public async Task ARedirectLeadsToTheWebOrNowhere(string? location)
    {
        var reply = new FakeReply(302);
        if (location is not null) reply.Headers["Location"] = location;
        Server.Answer = _ => reply;
        Assert.Equal(HubError.UnexpectedAnswer, (await Assert.ThrowsAsync<HubException>(DownloadAsync)).Error);
    }

    [Fact]
    public async Task RedirectsEnd()
    {
        Server.Answer = request => new(302) { Headers = { ["Location"] = request.Path + "x" } };
        Assert.Contains("redirects", (await Assert.ThrowsAsync<HubException>(DownloadAsync)).Message);
        Assert.Equal(11, Server.Requests.Count);
    }

    [Fact]
    public async Task TheTokenIsNeverPartOfAText()
    {
        Options = Options with { Token = Token };
        Server.Answer = _ => new(401);
        var error = await Assert.ThrowsAsync<HubException>(DownloadAsync);
        Assert.DoesNotContain(Token, error.ToString());
        Assert.DoesNotContain(Token, Options.ToString());
        var refused = Assert.Throws<ArgumentException>(() => new HubClient(Options with { Token = $"{Token}\nX-Injected: 1" }));
        Assert.Equal("Token", refused.ParamName);
        Assert.DoesNotContain(Token, refused.ToString());
    }

    private Task<string> DownloadAsync() => Client.DownloadFileAsync(FakeHub.Model, "config.json");
}
