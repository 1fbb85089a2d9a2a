using System.Net;
using System.Net.Sockets;
using AltClip.Hub;
using Xunit;

namespace AltClip.Tests.Hub;

public sealed class HubStatusTests : HubTest
{
    private const string Name = "config.json";

    public HubStatusTests() => Server.Files[Name] = "{}"u8.ToArray();

    [Theory]
    [InlineData(400, null, HubError.UnexpectedAnswer, "400")]
    [InlineData(401, null, HubError.Forbidden, "HF_TOKEN")]
    [InlineData(401, "RepoNotFound", HubError.ModelNotFound, "HF_TOKEN")]
    [InlineData(403, null, HubError.Forbidden, "HF_TOKEN")]
    [InlineData(403, "GatedRepo", HubError.Gated, "terms")]
    [InlineData(404, null, HubError.FileNotFound, "config.json")]
    [InlineData(404, "RepoNotFound", HubError.ModelNotFound, "no model BAAI/AltCLIP")]
    [InlineData(404, "RevisionNotFound", HubError.RevisionNotFound, "no revision 'main'")]
    [InlineData(416, null, HubError.UnexpectedAnswer, "416")]
    public async Task AFailureThatStaysIsToldAtOnce(int status, string? code, HubError expected, string says)
    {
        Server.Answer = _ => Failing(status, code);
        var error = await Assert.ThrowsAsync<HubException>(DownloadAsync);
        Assert.Equal(expected, error.Error);
        Assert.Contains(says, error.Message);
        Assert.Single(Server.Requests);
        Assert.Empty(Waits);
    }

    [Theory]
    [InlineData(429, HubError.TooManyRequests)]
    [InlineData(500, HubError.ServerError)]
    [InlineData(502, HubError.ServerError)]
    [InlineData(503, HubError.ServerError)]
    [InlineData(504, HubError.ServerError)]
    public async Task AFailureThatMayPassIsTriedAgainLaterAndLater(int status, HubError expected)
    {
        foreach (var method in (string[])["HEAD", "GET"])
        {
            Server.Requests.Clear();
            Waits.Clear();
            Server.Answer = request => request.Method == method ? Failing(status) : null;
            var error = await Assert.ThrowsAsync<HubException>(DownloadAsync);
            Assert.Equal((expected, (HttpStatusCode)status), (error.Error, error.StatusCode));
            Assert.Equal([1, 2, 4, 8, 8], Waits);
            Assert.Equal(6, Server.Requests.Count(request => request.Method == method));
        }
        Server.Answer = request => Server.Requests.Count(other => other.Method == request.Method) < 3 ? Failing(status) : null;
        Server.Requests.Clear();
        Assert.Equal("{}", File.ReadAllText(await DownloadAsync()));
    }

    [Fact]
    public async Task AServerSaysHowLongToWait()
    {
        Server.Answer = _ => Server.Requests.Count == 1 ? new(429) { Headers = { ["Retry-After"] = "7" } } : null;
        await DownloadAsync();
        Assert.Equal([7], Waits);
    }

    [Fact]
    public async Task AServerThatAsksForAnHourIsNotWaitedFor()
    {
        Server.Answer = _ => new(429) { Headers = { ["Retry-After"] = "3600" } };
        Assert.Equal(HubError.TooManyRequests, (await Assert.ThrowsAsync<HubException>(DownloadAsync)).Error);
        Assert.Single(Server.Requests);
    }

    [Fact]
    public async Task AHubThatIsAwayIsUnreachable()
    {
        Options = Options with { Endpoint = Nobody() };
        var error = await Assert.ThrowsAsync<HubException>(DownloadAsync);
        Assert.Equal(HubError.Unreachable, error.Error);
        Assert.Equal([1, 2, 4, 8, 8], Waits);
    }

    [Fact]
    public async Task AHubThatIsSilentIsUnreachable()
    {
        using var mute = new TcpListener(IPAddress.Loopback, 0);
        mute.Start();
        Options = Options with { Endpoint = $"http://{mute.LocalEndpoint}", Timeout = TimeSpan.FromMilliseconds(100), Retries = 1 };
        var error = await Assert.ThrowsAsync<HubException>(DownloadAsync);
        Assert.Equal(HubError.Unreachable, error.Error);
        Assert.Equal([1], Waits);
    }

    [Fact]
    public async Task WhatIsCachedIsUsedWhenTheHubIsAway()
    {
        var path = await DownloadAsync();
        Options = Options with { Endpoint = Nobody() };
        Assert.Equal(path, await DownloadAsync());
        Assert.Empty(Waits); // why wait, with the file at hand
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(429)]
    [InlineData(503)]
    public async Task WhatIsCachedIsUsedWhenTheHubRefuses(int status)
    {
        var path = await DownloadAsync();
        Server.Answer = _ => Failing(status);
        Assert.Equal(path, await DownloadAsync());
        Assert.Empty(Waits);
    }

    [Fact]
    public async Task AFileThatIsNotCachedFailsForTheHubsReason()
    {
        await DownloadAsync();
        Server.Answer = _ => Failing(503);
        var error = await Assert.ThrowsAsync<HubException>(() => Client.DownloadFileAsync(FakeHub.Model, "other.json"));
        Assert.Equal(HubError.ServerError, error.Error);
        Assert.Contains("503", error.Message);
        Assert.Contains("other.json", error.Message);
    }

    [Fact]
    public async Task OfflineNothingIsAsked()
    {
        Options = Options with { Offline = true };
        var error = await Assert.ThrowsAsync<HubException>(DownloadAsync);
        Assert.Equal(HubError.Offline, error.Error);
        Assert.Contains("HF_HUB_OFFLINE", error.Message);
        Assert.Contains(Options.CacheFolder, error.Message);
        Assert.Empty(Server.Requests);
        Assert.False(Directory.Exists(Options.CacheFolder));
    }

    private static FakeReply Failing(int status, string? code = null)
    {
        var reply = new FakeReply(status, "no"u8.ToArray());
        if (code is not null) reply.Headers["X-Error-Code"] = code;
        return reply;
    }

    private static string Nobody()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return $"http://{listener.LocalEndpoint}";
    }

    private Task<string> DownloadAsync() => Client.DownloadFileAsync(FakeHub.Model, Name);
}
