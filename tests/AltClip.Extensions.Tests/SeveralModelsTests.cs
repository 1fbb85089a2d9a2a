using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xunit;

namespace AltClip.Extensions.Tests;

/// <summary>Models under names in one app.</summary>
public sealed class SeveralModelsTests
{
    [Fact]
    public async Task EachHasItsOwnServices()
    {
        using var host = Host(services =>
        {
            services.AddAltClip(EmojiModel.Folder);
            services.AddAltClip("narrow", options => (options.Model, options.ModelId, options.Precision) = (EmojiModel.Folder, "emoji-bf16", InferencePrecision.BFloat16));
            services.AddAltClip("late", new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Model"] = EmojiModel.Folder,
                ["LoadOnStart"] = "false",
            }).Build());
        });
        await host.StartAsync();
        var providers = new[] { null, "narrow", "late" }.Select(name => host.Services.GetRequiredKeyedService<AltClipPipelineProvider>(name)).ToArray();
        Assert.Equal([true, true, false], providers.Select(provider => provider.Loaded is not null));
        Assert.Equal(InferencePrecision.BFloat16, providers[1].Loaded!.Model.Precision);
        Assert.Equal([EmojiModel.Id, "emoji-bf16", EmojiModel.Id], providers.Select(provider => provider.ModelId));

        var texts = host.Services.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>("narrow");
        var pictures = host.Services.GetRequiredKeyedService<IEmbeddingGenerator<DataContent, Embedding<float>>>("narrow");
        Assert.Equal("emoji-bf16", (await texts.GenerateAsync(["pizza"]))[0].ModelId);
        Assert.Equal("emoji-bf16", (await pictures.GenerateAsync([EmojiModel.Picture("pizza")]))[0].ModelId);
        Assert.Same(providers[1], texts.GetService<AltClipPipelineProvider>());
        Assert.Equal(EmojiModel.Id, (await host.Services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>().GenerateAsync(["pizza"]))[0].ModelId);
        await host.StopAsync();
    }

    [Fact]
    public async Task OneUnderANameAloneIsNotTheOneWithout()
    {
        await using var services = new ServiceCollection().AddAltClip("only", EmojiModel.Folder).BuildServiceProvider();
        Assert.Null(services.GetService<AltClipPipelineProvider>());
        Assert.NotNull(await services.GetRequiredKeyedService<AltClipPipelineProvider>("only").GetPipelineAsync());
    }

    [Fact]
    public async Task WhatIsWrongNamesTheModel()
    {
        using var host = Host(services => services.AddAltClip("a", EmojiModel.Folder).AddAltClip("b", "no-such-folder"));
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.StartsWith("AltClip 'b': Model is 'no-such-folder'", error.Message);
    }

    [Fact]
    public async Task EachHasAHealthCheck()
    {
        var collection = new ServiceCollection().AddAltClip("a", EmojiModel.Folder).AddAltClip("b", "nobody/nothing");
        collection.Configure<AltClipOptions>("b", options => options.Model = Directory.GetCurrentDirectory());
        collection.AddHealthChecks().AddAltClip("first", model: "a").AddAltClip("second", model: "b");
        await using var services = collection.BuildServiceProvider();
        await services.GetRequiredKeyedService<AltClipPipelineProvider>("a").GetPipelineAsync();
        await Assert.ThrowsAnyAsync<IOException>(() => services.GetRequiredKeyedService<AltClipPipelineProvider>("b").GetPipelineAsync());
        var report = await services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        Assert.Equal((HealthStatus.Healthy, HealthStatus.Unhealthy), (report.Entries["first"].Status, report.Entries["second"].Status));
    }

    [Theory]
    [InlineData(null, "No model was added")]
    [InlineData("nope", "under the name 'nope'")]
    public async Task AHealthCheckOfAModelThatWasNotAddedIsRefused(string? model, string expected)
    {
        var collection = new ServiceCollection().AddAltClip("a", EmojiModel.Folder);
        collection.AddHealthChecks().AddAltClip(model: model);
        await using var services = collection.BuildServiceProvider();
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => services.GetRequiredService<HealthCheckService>().CheckHealthAsync());
        Assert.Contains(expected, error.Message);
        Assert.Contains("AddAltClip(", error.Message);
    }

    private static IHost Host(Action<IServiceCollection> add)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.ClearProviders();
        add(builder.Services);
        return builder.Build();
    }
}
