using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace AltClip.Extensions;

/// <summary>What is told of batches, see <see cref="AltClipTelemetry"/>.</summary>
internal sealed class BatchTelemetry
{
    private static readonly ActivitySource Source = new(AltClipTelemetry.Name);

    private readonly KeyValuePair<string, object?>[] _tags;
    private readonly Histogram<int> _size;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _queueTime;
    private readonly UpDownCounter<int> _queued;
    private readonly ILogger _logger;
    private readonly string _kind;
    private readonly Func<TowerComputation> _computer;

    /// <param name="meter">What measures.</param>
    /// <param name="logger">What logs.</param>
    /// <param name="kind">What inputs are: <c>text</c> or <c>image</c>.</param>
    /// <param name="modelId">The model's name.</param>
    /// <param name="computer">What computes them, as far as the model is loaded.</param>
    public BatchTelemetry(Meter meter, ILogger logger, string kind, string modelId, Func<TowerComputation>? computer = null)
    {
        (_logger, _kind, _computer) = (logger, kind, computer ?? (() => default));
        _tags = [new("altclip.input.type", kind), new("gen_ai.request.model", modelId)];
        _size = meter.CreateHistogram(
            "altclip.batch.size", "{input}", "Inputs computed at once.",
            advice: new InstrumentAdvice<int> { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256] });
        _duration = meter.CreateHistogram("altclip.batch.duration", "s", "Time to compute a batch.", advice: Seconds());
        _queueTime = meter.CreateHistogram("altclip.queue.time", "s", "Time an input waited for its batch.", advice: Seconds());
        _queued = meter.CreateUpDownCounter<int>("altclip.queue.length", "{input}", "Inputs that wait.");
    }

    public void Queued() => _queued.Add(1, _tags);

    public void Dequeued() => _queued.Add(-1, _tags);

    public void Waited(TimeSpan time) => _queueTime.Record(time.TotalSeconds, _tags);

    /// <summary>Begins a batch. It is no part of the callers' spans, since it computes for all of them, but linked to each.</summary>
    public Activity? Start(IEnumerable<ActivityContext> callers, int size)
    {
        _size.Record(size, _tags);
        if (!Source.HasListeners()) return null;
        var links = callers.Where(caller => caller != default).Distinct().Select(caller => new ActivityLink(caller));
        return Source.StartActivity("altclip.batch", ActivityKind.Internal, default(ActivityContext), [.. _tags, new("altclip.batch.size", size)], links);
    }

    public void Computed(Activity? activity, int size, TimeSpan duration)
    {
        if (activity is not null && _computer() is { Kernel: { } kernel } computer)
            activity.AddTag("altclip.kernel", kernel).AddTag("altclip.precision", computer.Numbers);
        _duration.Record(duration.TotalSeconds, _tags);
        _logger.BatchComputed(size, _kind, duration.TotalMilliseconds);
    }

    public void Failed(Activity? activity, Exception error, int size)
    {
        activity?.AddTag("error.type", error.GetType().FullName).SetStatus(ActivityStatusCode.Error);
        if (size > 1) _logger.BatchSplit(error, size, _kind);
    }

    /// <summary>The boundaries of OpenTelemetry's conventions for durations of generative AI, and smaller ones.</summary>
    private static InstrumentAdvice<double> Seconds() => new()
    {
        HistogramBucketBoundaries =
            [0.001, 0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92],
    };
}
