using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace AltClip.Extensions.Tests;

public sealed class BatchTelemetryTests
{
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(200);

    [Fact(Timeout = BatcherTest.Minute)]
    public async Task SizesAndTimesAreMeasured()
    {
        using var meter = new Meter("test");
        var time = new FakeTimeProvider();
        var computation = new Computation();
        using var sizes = new MetricCollector<int>(meter, "altclip.batch.size");
        using var waits = new MetricCollector<double>(meter, "altclip.queue.time");
        using var durations = new MetricCollector<double>(meter, "altclip.batch.duration");
        using var length = new MetricCollector<int>(meter, "altclip.queue.length");
        await using (var batcher = Batcher(meter, computation, time))
        {
            var first = batcher.RunAsync([1], default);
            time.Advance(Delay / 4);
            var rest = batcher.RunAsync([2, 3], default);
            var batch = await computation.NextAsync();
            time.Advance(TimeSpan.FromSeconds(2));
            batch.Finish();
            await Task.WhenAll(first, rest);
        }
        Assert.Equal([3], sizes.GetMeasurementSnapshot().Select(measurement => measurement.Value));
        Assert.Equal([0.05, 0, 0], waits.GetMeasurementSnapshot().Select(measurement => measurement.Value));
        Assert.Equal([2], durations.GetMeasurementSnapshot().Select(measurement => measurement.Value));
        Assert.Equal(0, length.GetMeasurementSnapshot().Sum(measurement => measurement.Value));
        Assert.Equal(6, length.GetMeasurementSnapshot().Count);
        foreach (var measurement in sizes.GetMeasurementSnapshot())
        {
            Assert.Equal("text", measurement.Tags["altclip.input.type"]);
            Assert.Equal("test-model", measurement.Tags["gen_ai.request.model"]);
        }
    }

    [Fact(Timeout = BatcherTest.Minute)]
    public async Task ABatchIsASpanWithLinksToItsCallers()
    {
        List<Activity> spans = [];
        using var listener = Listener(AltClipTelemetry.Name, "caller", spans);
        using var callers = new ActivitySource("caller");
        using var meter = new Meter("test");
        var computation = new Computation();
        List<ActivityContext> contexts = [];
        // The first caller's span is there when the batcher is made: it must not become the parent of all batches.
        using (var outer = callers.StartActivity("outer"))
        {
            await using var batcher = Batcher(meter, computation, new FakeTimeProvider());
            async Task<int[]> CallAsync(params int[] inputs)
            {
                using var call = callers.StartActivity("call")!;
                contexts.Add(call.Context);
                return await batcher.RunAsync(inputs, default);
            }
            var calls = new[] { CallAsync(1), CallAsync(2, 3) };
            (await computation.NextAsync()).Finish();
            await Task.WhenAll(calls);
        }
        var span = Assert.Single(spans, span => span.OperationName == "altclip.batch");
        Assert.Null(span.Parent);
        Assert.Equal(contexts, span.Links.Select(link => link.Context));
        Assert.Equal(3, span.GetTagItem("altclip.batch.size"));
        Assert.Equal("text", span.GetTagItem("altclip.input.type"));
    }

    [Fact(Timeout = BatcherTest.Minute)]
    public async Task AFailedBatchSaysSoWithoutItsInputs()
    {
        List<Activity> spans = [];
        using var listener = Listener(AltClipTelemetry.Name, "none", spans);
        using var meter = new Meter("test");
        var log = new FakeLogger();
        await using (var batcher = new RequestBatcher<string, int>(
            (_, _) => throw new InvalidDataException("bad"), new(2, Delay, 10, null), new BatchTelemetry(meter, log, "text", "test-model"),
            new FakeTimeProvider()))
        {
            var call = batcher.RunAsync(["secret text", "another secret text"], default);
            await Assert.ThrowsAsync<InvalidDataException>(() => call);
        }
        Assert.Equal(2, spans.Count);
        Assert.All(spans, span => Assert.Equal(ActivityStatusCode.Error, span.Status));
        Assert.All(spans, span => Assert.Equal(typeof(InvalidDataException).FullName, span.GetTagItem("error.type")));
        Assert.DoesNotContain("secret", string.Join('\n', log.Collector.GetSnapshot().Select(record => record.ToString())));
    }

    internal static ActivityListener Listener(string first, string second, List<Activity> stopped)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == first || source.Name == second,
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                lock (stopped) stopped.Add(activity);
            },
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private static RequestBatcher<int, int> Batcher(Meter meter, Computation computation, TimeProvider time) => new(
        computation.ComputeAsync, new(3, Delay, 10, null), new BatchTelemetry(meter, new FakeLogger(), "text", "test-model"), time);
}
