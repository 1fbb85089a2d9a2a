using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Xunit;

namespace AltClip.Extensions.Tests;

public sealed class HealthCheckTests
{
    [Fact]
    public async Task AModelThatWaitsForItsFirstUseIsHealthyAndStaysUnloaded()
    {
        using var provider = new AltClipPipelineProvider(new AltClipOptions { Model = EmojiModel.Folder });
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(provider)).Status);
        Assert.Null(provider.Loaded);
    }

    [Fact]
    public async Task ALoadedModelComputes()
    {
        using var provider = new AltClipPipelineProvider(new AltClipOptions { Model = EmojiModel.Folder });
        await provider.GetPipelineAsync();
        var result = await CheckAsync(provider);
        Assert.Equal(HealthStatus.Healthy, result.Status);
        Assert.Equal(EmojiModel.Id, result.Data["model"]);
        Assert.Equal("Float32", result.Data["precision"]);
        Assert.EndsWith(" in Float32", (string)result.Data["text_kernel"]);
        Assert.EndsWith(" in Float32", (string)result.Data["image_kernel"]);
        Assert.Equal(EmojiModel.Width, result.Data["dimensions"]);
    }

    [Fact]
    public void WhatIsCalibratedIsSaid()
    {
        Assert.Equal("Panels in Int8 (calibrated)", $"{new TowerComputation("Panels", InferencePrecision.Int8, IsCalibrated: true)}");
        Assert.Equal("Panels in Int8", $"{new TowerComputation("Panels", InferencePrecision.Int8, IsCalibrated: false)}");
    }

    [Fact]
    public async Task AModelThatIsBeingLoadedIsDegraded()
    {
        var mayLoad = new TaskCompletionSource();
        var options = new AltClipOptions { Model = EmojiModel.Folder };
        using var provider = new AltClipPipelineProvider(options, load: () =>
        {
            mayLoad.Task.Wait();
            return options.Load();
        });
        var loading = provider.GetPipelineAsync();
        Assert.Equal(HealthStatus.Degraded, (await CheckAsync(provider)).Status);
        mayLoad.SetResult();
        await loading;
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(provider)).Status);
    }

    [Fact]
    public async Task AFailureIsReportedAndTriedAgain()
    {
        Exception? error = new IOException("no network");
        var options = new AltClipOptions { Model = EmojiModel.Folder };
        using var provider = new AltClipPipelineProvider(options, load: () => error is null ? options.Load() : throw error);
        await Assert.ThrowsAsync<IOException>(() => provider.GetPipelineAsync());
        var result = await CheckAsync(provider);
        Assert.Equal(HealthStatus.Unhealthy, result.Status);
        Assert.Equal("no network", result.Description);
        Assert.Same(error, result.Exception);
        error = null;
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(provider)).Status);
    }

    [Fact]
    public async Task ItIsAddedToAnAppsChecks()
    {
        var collection = new ServiceCollection();
        collection.AddAltClip(EmojiModel.Folder).AddHealthChecks().AddAltClip(name: "model", tags: ["ready"]);
        await using var services = collection.BuildServiceProvider();
        await services.GetRequiredService<AltClipPipelineProvider>().GetPipelineAsync();
        var report = await services.GetRequiredService<HealthCheckService>().CheckHealthAsync(check => check.Tags.Contains("ready"));
        Assert.Equal(HealthStatus.Healthy, report.Entries["model"].Status);
    }

    private static Task<HealthCheckResult> CheckAsync(AltClipPipelineProvider provider)
    {
        var check = new AltClipHealthCheck(provider);
        return check.CheckHealthAsync(new HealthCheckContext { Registration = new("altclip", check, HealthStatus.Unhealthy, null) });
    }
}
