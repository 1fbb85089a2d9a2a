using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace AltClip.Extensions.Tests;

public sealed class PipelineProviderTests
{
    private readonly FakeLogger<AltClipPipelineProvider> _log = new();
    private readonly TaskCompletionSource _mayLoad = new();
    private readonly FakeTimeProvider _time = new();
    private int _loads;
    private Exception? _error;

    [Fact]
    public async Task ManyCallersLoadOnce()
    {
        using var provider = Provider();
        Task<AltCLIPPipeline>[] calls = [.. Enumerable.Range(0, 8).Select(_ => provider.GetPipelineAsync())];
        Assert.True(provider.IsLoading);
        _mayLoad.SetResult();
        var pipelines = await Task.WhenAll(calls);
        Assert.Single(pipelines.Distinct());
        Assert.Equal(1, _loads);
        Assert.Equal([1, 2], _log.Collector.GetSnapshot().Select(record => record.Id.Id));
        Assert.Contains("altclip-emoji", _log.LatestRecord.Message);
    }

    [Fact]
    public async Task ACallerMayStopWaitingAloneAndLoadingGoesOn()
    {
        using var provider = Provider();
        using var source = new CancellationTokenSource();
        var impatient = provider.GetPipelineAsync(source.Token);
        var patient = provider.GetPipelineAsync();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        _mayLoad.SetResult();
        Assert.NotNull(await patient);
    }

    [Fact]
    public async Task AfterAFailureTheNextCallTriesAgain()
    {
        using var provider = Provider();
        _mayLoad.SetResult();
        _error = new IOException("no network");
        Assert.Same(_error, await Assert.ThrowsAsync<IOException>(() => provider.GetPipelineAsync()));
        Assert.True(provider.HasFailed);
        Assert.Equal(3, _log.LatestRecord.Id.Id);
        _error = null;
        Assert.NotNull(await provider.GetPipelineAsync());
        Assert.Equal(2, _loads);
    }

    [Fact]
    public async Task WhatIsStillBeingLoadedIsFreedWhenItIsThere()
    {
        var provider = Provider();
        var call = provider.GetPipelineAsync();
        provider.Dispose();
        _mayLoad.SetResult();
        var pipeline = await call;
        // Freed beside the call: both wait for the same load.
        for (var i = 0; i < 1000; i++)
        {
            try
            {
                await pipeline.EncodeTextAsync(["x"]);
                await Task.Delay(10);
            }
            catch (ObjectDisposedException)
            {
                return;
            }
        }
        Assert.Fail("The model was not freed.");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task DisposalThatIsAwaitedWaitsForAModelThatIsBeingLoaded(bool fails)
    {
        var provider = Provider();
        _error = fails ? new IOException("no network") : null;
        var loading = provider.GetPipelineAsync();
        var disposal = provider.DisposeAsync().AsTask();
        Assert.False(disposal.IsCompleted);
        _mayLoad.SetResult();
        await disposal;
        Assert.True(loading.IsCompleted);
        await provider.DisposeAsync();
        if (fails) Assert.Same(_error, await Assert.ThrowsAsync<IOException>(() => loading));
        else await Assert.ThrowsAsync<ObjectDisposedException>(async () => await (await loading).EncodeTextAsync(["x"]));
    }

    [Theory]
    [InlineData(null, "altclip-emoji")]
    [InlineData("mine", "mine")]
    public void AModelHasAName(string? id, string name)
    {
        using var provider = new AltClipPipelineProvider(new AltClipOptions { Model = EmojiModel.Folder + "/", ModelId = id });
        Assert.Equal(name, provider.ModelId);
        Assert.Equal(EmojiModel.Width, provider.Dimensions);
        using var hub = new AltClipPipelineProvider(new AltClipOptions { Model = "BAAI/AltCLIP" });
        Assert.Equal("BAAI/AltCLIP", hub.ModelId);
        Assert.Null(hub.Dimensions);
    }

    private AltClipPipelineProvider Provider()
    {
        var options = new AltClipOptions { Model = EmojiModel.Folder };
        return new AltClipPipelineProvider(options, _log, _time, () =>
        {
            _mayLoad.Task.Wait();
            Interlocked.Increment(ref _loads);
            return _error is null ? options.Load() : throw _error;
        });
    }
}
