using System.Globalization;
using AltClip.Hub;
using Xunit;

namespace AltClip.Tests.Hub;

/// <summary>Servers that send something else than they announced, and what is on disk already.</summary>
public sealed class HubIntegrityTests : HubTransferTest
{
    private static byte[] Twice { get; } = [.. Weights, .. Weights];

    [Fact]
    public async Task AnotherRangeThanAskedForIsNotWritten()
    {
        Leave(Weights[..5000]);
        OnGet(0, reply => reply with
        {
            Body = Weights[6000..],
            Headers = new() { ["Content-Range"] = "bytes 6000-16383/16384" },
        });
        await AssertDownloadsAsync();
        Assert.Equal(["bytes=5000-", "bytes=5000-"], Ranges);
    }

    [Theory]
    [InlineData(10_000)]
    [InlineData(20_000)]
    public async Task ALengthOtherThanAnnouncedIsRefused(int length)
    {
        Server.Answer = request => request.Method == "HEAD" ? null
            : Server.Honest(request) with { Body = Twice[..length] };
        var error = await Assert.ThrowsAsync<HubException>(DownloadAsync);
        Assert.Equal(HubError.Corrupt, error.Error);
        Assert.Contains(length.ToString(CultureInfo.InvariantCulture), error.Message);
        AssertNothingLeft();
    }

    [Theory]
    [InlineData(10_000, HubError.Unreachable)]
    [InlineData(20_000, HubError.Corrupt)]
    public async Task ABodyOfNoAnnouncedLengthIsNoLongerAndNoShorterThanTheFile(int length, HubError expected)
    {
        Server.Answer = request => request.Method == "HEAD" ? null : Whole(request) with
        {
            Body = Twice[..length],
            Length = -1,
        };
        Assert.Equal(expected, (await Assert.ThrowsAsync<HubException>(DownloadAsync)).Error);
        Assert.False(File.Exists(Blob(Name)));
    }

    [Theory]
    [InlineData(Name)]
    [InlineData("config.json")]
    public async Task BytesOfAnotherHashAreRefused(string file)
    {
        Server.Files[file] = Weights;
        Server.Answer = request => request.Method == "HEAD" ? null : Server.Honest(request) with { Body = [.. Weights[1..], 255] };
        var error = await Assert.ThrowsAsync<HubException>(() => Client.DownloadFileAsync(FakeHub.Model, file));
        Assert.Equal(HubError.Corrupt, error.Error);
        Assert.Contains(FakeHub.Etag(file, Weights), error.Message);
        Assert.Equal(1, Server.Gets);
        AssertNothingLeft();
    }

    [Theory]
    [InlineData("5d41402a-7")]
    [InlineData("5d41402abc4b2a76b9719d911017c592.1~gzip")]
    public async Task AnEtagThatIsNoHashIsNotChecked(string etag)
    {
        Server.Answer = request =>
        {
            var reply = Server.Honest(request);
            reply.Headers["ETag"] = $"W/\"{etag}\"";
            return reply;
        };
        Assert.Equal(Weights, File.ReadAllBytes(await DownloadAsync()));
        Assert.True(File.Exists(InModel("blobs", etag)));
    }

    [Fact]
    public async Task ALeftOverThatIsDamagedIsFetchedAgain()
    {
        Leave([.. Weights[1..5000], 7]);
        await AssertDownloadsAsync();
        Assert.Equal(["bytes=5000-", null], Ranges);
        Assert.Empty(Waits);
    }

    [Fact]
    public async Task ALeftOverThatIsTooLongIsFetchedAgain()
    {
        Leave([.. Weights, 0]);
        await AssertDownloadsAsync();
        Assert.Equal([null], Ranges);
    }

    [Fact]
    public async Task ALeftOverThatIsWholeIsOnlyChecked()
    {
        Leave(Weights);
        await AssertDownloadsAsync();
        Assert.Empty(Ranges);
    }

    [Fact]
    public async Task ABlobOfAnotherSizeIsFetchedAgain()
    {
        Leave([]);
        File.WriteAllBytes(Blob(Name), Weights[..100]);
        await AssertDownloadsAsync();
        Assert.Equal(1, Server.Gets);
    }

    [Fact]
    public async Task AnEmptyFileIsAFile()
    {
        Server.Files[Name] = [];
        Assert.Empty(File.ReadAllBytes(await DownloadAsync()));
    }

    [Fact]
    public async Task AFileThatDoesNotFitOnTheDiskIsNotBegun()
    {
        Server.Answer = request =>
        {
            var reply = Server.Honest(request);
            reply.Headers["X-Linked-Size"] = "1000000000000000000";
            return reply;
        };
        var error = await Assert.ThrowsAsync<IOException>(DownloadAsync);
        Assert.Contains("1000000000000000000", error.Message);
        Assert.Equal(0, Server.Gets);
    }

    private void AssertNothingLeft()
    {
        Assert.Empty(Directory.GetFiles(InModel("blobs")));
        Assert.DoesNotContain(Tree(ModelFolder), path => path.StartsWith("snapshots", StringComparison.Ordinal));
    }
}
