using AltClip.Modeling.Adapters;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TorchSharp;
using Xunit;

namespace AltClip.Extensions.Tests;

public sealed class ServiceCollectionTests
{
    [Fact]
    public async Task GeneratorsAreBoundFromConfiguration()
    {
        using var host = ConfiguredHost(new()
        {
            ["AltClip:Model"] = EmojiModel.Folder,
            ["AltClip:ModelId"] = "emoji",
            ["AltClip:Precision"] = "BFloat16",
            ["AltClip:Device"] = "cpu",
            ["AltClip:TextBatchSize"] = "16",
            ["AltClip:ImageBatchSize"] = "4",
            ["AltClip:LoadOnStart"] = "false",
            ["AltClip:Batching:MaxDelay"] = "00:00:00.010",
            ["AltClip:Batching:QueueCapacity"] = "77",
            ["AltClip:Batching:RequestTimeout"] = "00:01:00",
        });
        await host.StartAsync();
        var options = host.Services.GetRequiredService<IOptions<AltClipOptions>>().Value;
        Assert.Equal((TimeSpan.FromMilliseconds(10), 77), (options.Batching.MaxDelay, options.Batching.QueueCapacity));
        Assert.Equal(TimeSpan.FromMinutes(1), options.Batching.RequestTimeout);
        var texts = host.Services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();
        var pictures = host.Services.GetRequiredService<IEmbeddingGenerator<DataContent, Embedding<float>>>();
        Assert.Null(texts.GetService<AltCLIPPipeline>());
        Assert.Equal(EmojiModel.Width, texts.GetService<EmbeddingGeneratorMetadata>()!.DefaultModelDimensions);
        Assert.Equal("emoji", (await texts.GenerateAsync(["pizza"]))[0].ModelId);
        Assert.Equal(EmojiModel.Width, (await pictures.GenerateAsync([EmojiModel.Picture("pizza")]))[0].Dimensions);
        var pipeline = texts.GetService<AltCLIPPipeline>()!;
        Assert.Same(pipeline, await host.Services.GetRequiredService<AltClipPipelineProvider>().GetPipelineAsync());
        Assert.Equal(InferencePrecision.BFloat16, pipeline.Model.Precision);
        Assert.Equal((16, 4), (pipeline.Options.TextBatchSize, pipeline.Options.ImageBatchSize));
        await host.StopAsync();
    }

    [Fact]
    public async Task TheModelIsThereWhenTheHostHasStarted()
    {
        using var host = Host(services => services.AddAltClip(EmojiModel.Folder));
        await host.StartAsync();
        var texts = host.Services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();
        Assert.NotNull(texts.GetService<AltCLIPPipeline>());
        Assert.Equal(EmojiModel.Id, texts.GetService<EmbeddingGeneratorMetadata>()!.DefaultModelId);
        await host.StopAsync();
    }

    [Fact]
    public async Task AnAdapterIsPutIntoTheWeights()
    {
        var folder = Directory.CreateTempSubdirectory("altclip-");
        try
        {
            using (var model = AltCLIPModel.FromPretrained(EmojiModel.Folder))
            using (var adapter = LoraAdapter.Attach(model, new LoraOptions { Targets = ["*.query"] }))
            {
                using (torch.no_grad())
                    foreach (var parameter in adapter.parameters()) torch.nn.init.constant_(parameter, 0.1);
                adapter.SavePretrained(folder.FullName);
            }
            using var host = ConfiguredHost(new() { ["AltClip:Model"] = EmojiModel.Folder, ["AltClip:Adapter"] = folder.FullName });
            await host.StartAsync();
            var texts = host.Services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();
            using var expected = AltCLIPPipeline.FromPretrained(EmojiModel.Folder, new() { Adapter = folder.FullName });
            using var plain = AltCLIPPipeline.FromPretrained(EmojiModel.Folder);
            var found = (await texts.GenerateAsync(["pizza"]))[0].Vector.ToArray();
            using var own = expected.EmbedText(["pizza"]);
            using var without = plain.EmbedText(["pizza"]);
            Assert.Equal(own.data<float>().ToArray(), found);
            Assert.NotEqual(without.data<float>().ToArray(), found);
            await host.StopAsync();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task AModelThatCannotBeLoadedStopsTheStart()
    {
        var empty = Directory.CreateTempSubdirectory("altclip-");
        try
        {
            using var host = Host(services => services.AddAltClip(empty.FullName));
            await Assert.ThrowsAnyAsync<IOException>(() => host.StartAsync());
        }
        finally
        {
            empty.Delete();
        }
    }

    [Fact]
    public async Task EverythingWrongIsNamedWhenTheHostStarts()
    {
        using var host = Host(services => services.AddAltClip(options =>
        {
            options.Model = "no-such-folder";
            options.ModelId = "";
            options.Adapter = "no-such-adapter";
            options.Precision = (InferencePrecision)9;
            options.Device = "gpu";
            options.TextBatchSize = 0;
            options.ImageBatchSize = -1;
            options.Batching.QueueCapacity = 0;
        }));
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.Equal(8, error.Failures.Count());
        foreach (var part in new[] { "'no-such-folder'", "ModelId", "'no-such-adapter'", "Int8", "'gpu'", "TextBatchSize", "ImageBatchSize", "QueueCapacity" })
            Assert.Contains(part, error.Message);
    }

    [Theory]
    [InlineData("AltClip:Precison", "Int8", "Precison")]
    [InlineData("AltClip:Precision", "Int9", "Int9")]
    [InlineData("AltClip:Batching:MaxDelay", "soon", "soon")]
    public async Task WhatConfigurationCannotMeanIsRefused(string key, string value, string named)
    {
        using var host = ConfiguredHost(new() { ["AltClip:Model"] = EmojiModel.Folder, [key] = value });
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => host.StartAsync());
        Assert.Contains(named, error.ToString());
    }

    [Theory]
    [InlineData("", "is missing")]
    [InlineData(" ", "is missing")]
    [InlineData("../up", "'../up'")]
    [InlineData("a/b/c", "'a/b/c'")]
    public void AModelIsAFolderOrAnId(string model, string named) =>
        Assert.Contains(named, Assert.Single(new AltClipOptionsValidator().Validate(null, new() { Model = model }).Failures!));

    [Theory]
    [InlineData("BAAI/AltCLIP")]
    [InlineData("BAAI/AltCLIP@main")]
    public void HubIdsAreTaken(string model) => Assert.True(new AltClipOptionsValidator().Validate(null, new() { Model = model }).Succeeded);

    [Fact]
    public async Task ADeviceThatIsNotThereIsNamed()
    {
        await using var services = Services(options => options.Device = "cuda:99");
        var texts = services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();
        var error = await Assert.ThrowsAsync<NotSupportedException>(() => texts.GenerateAsync(["x"]));
        Assert.Contains("There is no device cuda:99 here; there is cpu", error.Message);
    }

    [Fact]
    public void BatchesAreTheDevices()
    {
        var options = new AltClipOptions();
        Assert.Equal((64, 8), (options.TextBatchSize, options.ImageBatchSize));
        options.Device = "cuda:1";
        Assert.Equal((256, 128), (options.TextBatchSize, options.ImageBatchSize));
        options.ImageBatchSize = 16;
        Assert.Equal((256, 16), (options.TextBatchSize, options.ImageBatchSize));
    }

    [Fact]
    public async Task MoreCanBePutInFrontOfAGenerator()
    {
        var collection = new ServiceCollection();
        collection.AddAltClip(EmojiModel.Folder);
        collection.AddDistributedMemoryCache();
        collection.AddEmbeddingGenerator(services => services.GetRequiredService<AltClipTextEmbeddingGenerator>()).UseDistributedCache();
        await using var services = collection.BuildServiceProvider();
        var texts = services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();
        var first = await texts.GenerateAsync(["pizza"]);
        await services.GetRequiredService<AltClipTextEmbeddingGenerator>().DisposeAsync();
        Assert.Equal(first[0].Vector.ToArray(), (await texts.GenerateAsync(["pizza"]))[0].Vector.ToArray());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => texts.GenerateAsync(["rocket"]));
    }

    [Fact]
    public async Task AddedTwiceItOnlyConfigures()
    {
        await using var services = Services(options => options.ModelId = "first", again => again.ModelId = "second");
        Assert.Single(services.GetServices<IEmbeddingGenerator<string, Embedding<float>>>());
        Assert.Equal("second", services.GetRequiredService<AltClipPipelineProvider>().ModelId);
    }

    [Fact]
    public async Task DisposedServicesFreeTheModel()
    {
        await using (var warm = Services()) await warm.GetRequiredService<AltClipPipelineProvider>().GetPipelineAsync();
        var before = AltClip.Tests.LiveTensors.Count();
        AltClipPipelineProvider provider;
        await using (var services = Services())
        {
            provider = services.GetRequiredService<AltClipPipelineProvider>();
            await services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>().GenerateAsync(["pizza"]);
            Assert.True(torch.Tensor.TotalCount > before);
        }
        Assert.Equal(before, AltClip.Tests.LiveTensors.Count());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => provider.GetPipelineAsync());
    }

    internal static ServiceProvider Services(params Action<AltClipOptions>[] configure)
    {
        var services = new ServiceCollection();
        services.AddAltClip(EmojiModel.Folder);
        foreach (var action in configure) services.AddAltClip(action);
        return services.BuildServiceProvider();
    }

    private static IHost ConfiguredHost(Dictionary<string, string?> configuration) => Host(services =>
        services.AddAltClip(new ConfigurationBuilder().AddInMemoryCollection(configuration).Build().GetSection("AltClip")));

    private static IHost Host(Action<IServiceCollection> add)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.ClearProviders();
        add(builder.Services);
        return builder.Build();
    }
}
