using AltClip.Hub;
using Xunit;

namespace AltClip.Tests.Hub;

public sealed class HubCacheTests : HubTest
{
    private const string Name = "model.safetensors";
    private const string NextCommit = "89abcdef0123456789abcdef0123456789abcdef";

    public HubCacheTests() => Server.Files[Name] = Weights;

    [Fact]
    public async Task AFileThatIsNotThereIsRememberedForItsCommit()
    {
        await Assert.ThrowsAsync<HubException>(() => Client.DownloadFileAsync(FakeHub.Model, "sub/none.json"));
        Assert.Equal(0, new FileInfo(InModel(".no_exist", FakeHub.Commit, "sub", "none.json")).Length);

        Server.Requests.Clear();
        await Assert.ThrowsAsync<HubException>(() => Client.DownloadFileAsync(FakeHub.Model, "sub/none.json", FakeHub.Commit));
        Assert.Empty(Server.Requests);
        await Assert.ThrowsAsync<HubException>(() => Client.DownloadFileAsync(FakeHub.Model, "sub/none.json"));
        Assert.Single(Server.Requests); // the branch may have moved to where it is
    }

    [Theory]
    [InlineData("refs/pr/1", "refs%2Fpr%2F1")]
    [InlineData("v1.0", "v1.0")]
    [InlineData("größe", "gr%C3%B6%C3%9Fe")]
    public async Task ARevisionIsARefAndPartOfTheAddress(string revision, string escaped)
    {
        Server.Revisions[revision] = NextCommit;
        var path = await Client.DownloadFileAsync($"{FakeHub.Model}@{revision}", Name);
        Assert.Equal(InModel("snapshots", NextCommit, Name), path);
        Assert.Equal(NextCommit, File.ReadAllText(InModel(["refs", .. revision.Split('/')])));
        Assert.Equal($"HEAD {FakeHub.Url(Name, escaped)}", Server.Asked.First());
        Assert.Equal(path, await new HubClient(Options with { Offline = true }).DownloadFileAsync(FakeHub.Model, Name, revision));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Signature: 8a477f597d28")]
    public async Task ATagThatAKilledProcessLeftUnfinishedIsCompleted(string left)
    {
        await Client.DownloadFileAsync(FakeHub.Model, Name);
        var tag = Path.Combine(Options.CacheFolder, "CACHEDIR.TAG");
        var whole = File.ReadAllText(tag);
        File.WriteAllText(tag, left);
        Server.Files["config.json"] = "{}"u8.ToArray();
        await Client.DownloadFileAsync(FakeHub.Model, "config.json");
        Assert.Equal(whole, File.ReadAllText(tag));
    }

    [Fact]
    public async Task ATagOfAnotherProgramIsLeftAsItIs()
    {
        Directory.CreateDirectory(Options.CacheFolder);
        var tag = Path.Combine(Options.CacheFolder, "CACHEDIR.TAG");
        var text = "Signature: 8a477f597d28d172789f06886806bc55\n# mine";
        File.WriteAllText(tag, text);
        await Client.DownloadFileAsync(FakeHub.Model, Name);
        Assert.Equal(text, File.ReadAllText(tag));
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(0, true)]
    public async Task AnOldRefThatAKilledProcessLeftUnfinishedGoesWithTheNext(int hours, bool stays)
    {
        var left = InModel("refs", $"main.{Guid.NewGuid():N}.tmp");
        Directory.CreateDirectory(InModel("refs"));
        File.WriteAllText(left, "");
        File.SetLastWriteTimeUtc(left, DateTime.UtcNow.AddHours(-hours));
        await Client.DownloadFileAsync(FakeHub.Model, Name);
        Assert.Equal(stays, File.Exists(left)); // a young one may be another process's
    }

    [Fact]
    public async Task ACommitNeedsNoRef()
    {
        await Client.DownloadFileAsync(FakeHub.Model, Name, FakeHub.Commit);
        Assert.False(Directory.Exists(InModel("refs")));
    }

    [Fact]
    public async Task TheSameBytesInTheNextCommitAreOnlyLinked()
    {
        await Client.DownloadFileAsync(FakeHub.Model, Name);
        Server.Revisions["main"] = NextCommit;
        var path = await Client.DownloadFileAsync(FakeHub.Model, Name);
        Assert.Equal(InModel("snapshots", NextCommit, Name), path);
        Assert.Equal(1, Server.Gets);
        Assert.Equal(NextCommit, File.ReadAllText(InModel("refs", "main")));
    }

    [Fact]
    public async Task AnUpdateThatFailsLeavesTheOldVersionInUse()
    {
        var old = await Client.DownloadFileAsync(FakeHub.Model, Name);
        Server.Revisions["main"] = NextCommit;
        Server.Files[Name] = [1, 2, 3];
        Server.Answer = request => request.Method == "GET" ? new(500) : null;
        await Assert.ThrowsAsync<HubException>(() => Client.DownloadFileAsync(FakeHub.Model, Name));
        Assert.Equal(old, await new HubClient(Options with { Offline = true }).DownloadFileAsync(FakeHub.Model, Name));
    }

    [Fact]
    public async Task AnUpdateIsTriedAgainAlthoughTheOldVersionIsThere()
    {
        Server.Files["config.json"] = [1];
        HubFileGroup[] both = [new(true, ["config.json", Name])];
        var id = HubModelId.Parse(FakeHub.Model, null);
        await Client.DownloadAsync(id, both, CancellationToken.None);
        Server.Revisions["main"] = NextCommit;
        var failed = false;
        Server.Answer = request =>
        {
            if (failed || request.ToString() != $"HEAD {FakeHub.Url(Name, NextCommit)}") return null;
            failed = true;
            return new(503);
        };
        Assert.Equal(InModel("snapshots", NextCommit), await Client.DownloadAsync(id, both, CancellationToken.None));
        Assert.Equal([1], Waits);
    }

    [Fact]
    public async Task ACacheThatCannotBeWrittenToIsRead()
    {
        var path = await Client.DownloadFileAsync(FakeHub.Model, Name);
        Server.Revisions["main"] = FakeHub.Commit;
        File.Delete(InModel("refs", "main"));
        Directory.Delete(InModel("refs"));
        File.WriteAllText(InModel("refs"), "a file where the refs would go stops even root from writing them");
        Assert.Equal(path, await Client.DownloadFileAsync(FakeHub.Model, Name));
    }

    [Fact]
    public async Task ALinkWithoutItsBlobIsMadeWholeAgain()
    {
        var path = await Client.DownloadFileAsync(FakeHub.Model, Name);
        File.Delete(Blob(Name));
        Assert.Equal(path, await Client.DownloadFileAsync(FakeHub.Model, Name));
        Assert.Equal(Weights, File.ReadAllBytes(path));
        Assert.Equal(2, Server.Gets);
    }

    [Fact]
    public async Task WithoutLinksTheSnapshotsHaveTheFiles()
    {
        Options = Options with { CreateLink = (_, _) => throw new IOException("A required privilege is not held by the client.") };
        var first = await Client.DownloadFileAsync(FakeHub.Model, Name);
        Assert.False(File.Exists(Blob(Name)));
        Server.Revisions["main"] = NextCommit;
        File.Copy(first, Blob(Name)); // as links made before the privilege was lost leave it
        var second = await Client.DownloadFileAsync(FakeHub.Model, Name);
        Assert.Equal(1, Server.Gets);
        Assert.True(File.Exists(Blob(Name)));
        foreach (var path in (string[])[first, second])
        {
            Assert.Null(new FileInfo(path).LinkTarget);
            Assert.Equal(Weights, File.ReadAllBytes(path));
        }
    }

    [Fact]
    public async Task ARefThatIsNoCommitIsNone()
    {
        await Client.DownloadFileAsync(FakeHub.Model, Name);
        File.WriteAllText(InModel("refs", "main"), "../../..");
        var error = await Assert.ThrowsAsync<HubException>(() => new HubClient(Options with { Offline = true }).DownloadFileAsync(FakeHub.Model, Name));
        Assert.Equal(HubError.Offline, error.Error);
    }

    [Fact]
    public async Task ClientsThatWantTheSameFileDownloadItOnce()
    {
        const int clients = 8;
        using var allAsked = new ManualResetEventSlim();
        var asked = 0;
        Server.Answer = request =>
        {
            // Until all have asked, or on a busy machine most: seldom one asks again, or has not come by then.
            if (request.Method == "GET") allAsked.Wait(TimeSpan.FromSeconds(5));
            else if (Interlocked.Increment(ref asked) >= clients) allAsked.Set();
            return null;
        };
        var paths = await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Client.DownloadFileAsync(FakeHub.Model, Name)));
        Assert.Single(paths.Distinct());
        Assert.Equal(1, Server.Gets);
    }

    [Fact]
    public async Task WhatAnotherProcessDownloadsIsWaitedFor()
    {
        var (held, file) = await HeldAsync(CancellationToken.None);
        Assert.False(file.IsCompleted);
        Assert.Equal(0, Server.Gets);
        File.WriteAllBytes(Blob(Name), Weights);
        held.Dispose();
        Assert.Equal(Weights, File.ReadAllBytes(await file));
        Assert.Equal(0, Server.Gets);
    }

    [Fact]
    public async Task WaitingForAnotherProcessCanBeCancelled()
    {
        using var stop = new CancellationTokenSource();
        var (held, file) = await HeldAsync(stop.Token);
        using (held)
        {
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => file);
        }
    }

    /// <summary>Takes the lock as another process would, and starts a download that needs it and finds it taken, twice.</summary>
    private async Task<(IDisposable Held, Task<string> File)> HeldAsync(CancellationToken cancellationToken)
    {
        var path = Path.Combine(Options.CacheFolder, ".locks", "models--BAAI--AltCLIP", FakeHub.Etag(Name, Weights) + ".lock");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var held = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None);
        var (waits, waitedTwice) = (0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        Options = Options with
        {
            LockWait = async token =>
            {
                if (++waits == 2) waitedTwice.SetResult();
                await Task.Delay(1, token);
            },
        };
        var file = Client.DownloadFileAsync(FakeHub.Model, Name, cancellationToken: cancellationToken);
        await waitedTwice.Task;
        return (held, file);
    }
}
