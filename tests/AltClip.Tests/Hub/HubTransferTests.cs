using AltClip.Hub;
using Xunit;

namespace AltClip.Tests.Hub;

/// <summary>Downloads that break, stall and are cancelled.</summary>
public sealed class HubTransferTests : HubTransferTest
{
    [Fact]
    public async Task ABrokenDownloadGoesOnWhereItStopped()
    {
        OnGet(0, reply => reply with { BreakAfter = 5000 });
        await AssertDownloadsAsync();
        Assert.Equal([null, "bytes=5000-"], Ranges);
        Assert.Equal([1], Waits);
    }

    [Fact]
    public async Task ADownloadThatGetsFurtherHasAllItsRetriesAgain()
    {
        Options = Options with { Retries = 1 };
        foreach (var get in Enumerable.Range(0, 4)) OnGet(get, reply => reply with { BreakAfter = 4000 });
        await AssertDownloadsAsync();
        Assert.Equal([null, "bytes=4000-", "bytes=8000-", "bytes=12000-", "bytes=16000-"], Ranges);
        Assert.Equal([1, 1, 1, 1], Waits);
    }

    [Fact]
    public async Task EachRepetitionIsTold()
    {
        var told = new List<HubRetry>();
        Options = Options with { Retries = 3, Retrying = new Telling(told) };
        OnGet(0, reply => reply with { BreakAfter = 0 });
        OnGet(1, reply => reply with { BreakAfter = 0 });
        await AssertDownloadsAsync();
        Assert.Equal([(1, 3, 1), (2, 3, 2)], told.Select(retry => (retry.Attempt, retry.Attempts, (int)retry.Wait.TotalSeconds)));
        Assert.All(told, retry => Assert.Equal(HubError.Unreachable, retry.Error.Error));
    }

    [Fact]
    public async Task AServerThatAlwaysBreaksIsGivenUpAndItsBytesKept()
    {
        var first = true;
        Server.Answer = request =>
        {
            if (request.Method == "HEAD") return null;
            var reply = Server.Honest(request) with { BreakAfter = first ? 5000 : 0 };
            first = false;
            return reply;
        };
        var error = await Assert.ThrowsAsync<HubException>(DownloadAsync);
        Assert.Equal(HubError.Unreachable, error.Error);
        Assert.Contains("5000 of 16384", error.Message);
        Assert.Equal([1, 2, 4, 8, 8], Waits);
        Assert.Equal(Weights[..5000], File.ReadAllBytes(Incomplete));

        Server.Answer = _ => null;
        await AssertDownloadsAsync();
        Assert.Equal("bytes=5000-", Ranges[^1]);
    }

    [Fact]
    public async Task ASilentServerIsGivenUpAndAskedAgain()
    {
        Options = Options with { Timeout = TimeSpan.FromMilliseconds(200) };
        OnGet(0, reply => reply with { StallAfter = 6000 });
        await AssertDownloadsAsync();
        Assert.Equal([null, "bytes=6000-"], Ranges);
    }

    [Fact]
    public async Task AServerWithoutRangesBeginsAnew()
    {
        OnGet(0, reply => reply with { BreakAfter = 5000 });
        var breaking = Server.Answer;
        Server.Answer = request => breaking(request) ?? (request["Range"] is null ? null : Whole(request));
        await AssertDownloadsAsync();
        Assert.Equal(2, Server.Gets);
    }

    [Fact]
    public async Task AServerThatOnlyEverBeginsAnewIsGivenUp()
    {
        Server.Answer = request => request.Method == "HEAD" ? null
            : Whole(request) with { BreakAfter = 5000 };
        Assert.Equal(HubError.Unreachable, (await Assert.ThrowsAsync<HubException>(DownloadAsync)).Error);
        Assert.Equal(6, Server.Gets);
    }

    [Fact]
    public async Task ARangeThatIsRefusedBeginsAnew()
    {
        Leave(Weights[..5000]);
        Server.Answer = request => request["Range"] is null ? null : new(416) { Headers = { ["Content-Range"] = "bytes */16384" } };
        await AssertDownloadsAsync();
        Assert.Equal(["bytes=5000-", null], Ranges);
    }

    [Fact]
    public async Task ProgressGoesFromWhatIsThereToTheEnd()
    {
        var reports = new List<HubProgress>();
        Options = Options with { Progress = new Reports(reports) };
        Server.Files[Name] = [.. Enumerable.Range(0, 5_000_000).Select(i => (byte)i)];
        Leave(Server.Files[Name][..5000]);
        await DownloadAsync();
        Assert.Equal(new HubProgress(Name, 5000, 5_000_000), reports[0]);
        Assert.Equal(new HubProgress(Name, 5_000_000, 5_000_000), reports[^1]);
        Assert.InRange(reports.Count, 5, 7); // each megabyte, not each packet
        Assert.Equal(reports.OrderBy(report => report.BytesDone), reports);
    }

    [Fact]
    public async Task ACancelledDownloadKeepsWhatCame()
    {
        using var stop = new CancellationTokenSource();
        OnGet(0, reply => reply with { StallAfter = 6000 });
        var download = Client.DownloadFileAsync(FakeHub.Model, Name, cancellationToken: stop.Token);
        // The bytes are on disk before they stop coming.
        while (!File.Exists(Incomplete) || new FileInfo(Incomplete).Length < 6000) await Task.Delay(5);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => download);
        Assert.Equal(Weights[..6000], File.ReadAllBytes(Incomplete));
        Assert.False(File.Exists(Blob(Name)));
        Assert.False(Directory.Exists(InModel("refs")));

        await AssertDownloadsAsync();
        Assert.Equal([null, "bytes=6000-"], Ranges);
    }

    private sealed class Reports(List<HubProgress> reports) : IProgress<HubProgress>
    {
        public void Report(HubProgress value) => reports.Add(value);
    }

    private sealed class Telling(List<HubRetry> told) : IProgress<HubRetry>
    {
        public void Report(HubRetry value) => told.Add(value);
    }
}
