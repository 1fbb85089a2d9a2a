using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Xunit;

namespace AltClip.Extensions.Tests;

/// <summary>What an app sees that listens to <see cref="AltClipTelemetry.Names"/>.</summary>
public sealed class GenerativeAITelemetryTests
{
    [Fact]
    public async Task ACallIsASpanWithTheConventionsNamesAndItsBatchIsLinkedToIt()
    {
        List<Activity> spans = [];
        using var listener = BatchTelemetryTests.Listener(AltClipTelemetry.Name, AltClipTelemetry.GenerativeAIName, spans);
        await using (var services = ServiceCollectionTests.Services())
            await services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>().GenerateAsync(["pizza", "rocket"]);
        var call = Assert.Single(spans, span => span.Source.Name == AltClipTelemetry.GenerativeAIName);
        Assert.Equal("embeddings altclip-emoji", call.DisplayName);
        Assert.Equal("embeddings", call.GetTagItem("gen_ai.operation.name"));
        Assert.Equal("altclip", call.GetTagItem("gen_ai.provider.name"));
        Assert.Equal("altclip-emoji", call.GetTagItem("gen_ai.request.model"));
        Assert.Equal("altclip-emoji", call.GetTagItem("gen_ai.response.model"));
        Assert.True((int)call.GetTagItem("gen_ai.usage.input_tokens")! > 4);
        Assert.DoesNotContain(call.Tags, tag => tag.Value?.Contains("pizza") == true);
        var batch = Assert.Single(spans, span => span.Source.Name == AltClipTelemetry.Name);
        Assert.Equal(call.Context, Assert.Single(batch.Links).Context);
        Assert.Equal("Float32", batch.GetTagItem("altclip.precision"));
        Assert.Contains((string?)batch.GetTagItem("altclip.kernel"), (string[])["Panels", "PanelsAvx2", "OneDnn", "Libtorch"]);
    }

    [Fact]
    public async Task CallsAndBatchesAreMeasured()
    {
        await using var services = ServiceCollectionTests.Services();
        var pictures = services.GetRequiredService<IEmbeddingGenerator<DataContent, Embedding<float>>>();
        using var durations = new MetricCollector<double>(null, AltClipTelemetry.GenerativeAIName, "gen_ai.client.operation.duration");
        using var sizes = new MetricCollector<int>(services.GetRequiredService<IMeterFactory>(), AltClipTelemetry.Name, "altclip.batch.size");
        await pictures.GenerateAsync([EmojiModel.Picture("pizza"), EmojiModel.Picture("rocket")]);
        Assert.Equal("altclip-emoji", Assert.Single(durations.GetMeasurementSnapshot()).Tags["gen_ai.request.model"]);
        var size = Assert.Single(sizes.GetMeasurementSnapshot());
        Assert.Equal(2, size.Value);
        Assert.Equal("image", size.Tags["altclip.input.type"]);
    }
}
