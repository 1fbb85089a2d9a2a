using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace AltClip.Extensions.Tests;

/// <summary>Batchers over a computation and a clock that the test controls.</summary>
public abstract class BatcherTest : IDisposable
{
    /// <summary>A call that nobody answers fails its test, and doesn't hang it.</summary>
    internal const int Minute = 60_000;

    private protected static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(200);

    private protected FakeTimeProvider Time { get; } = new();

    private protected Computation Computation { get; } = new();

    private protected Meter Meter { get; } = new("test");

    private protected FakeLogger Log { get; } = new();

    public void Dispose()
    {
        Meter.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected static async Task GivesAsync(Task<int[]> call, params int[] expected) => Assert.Equal(expected, await call);

    private protected RequestBatcher<int, int> Batcher(BatchLimits limits) => new(Computation.ComputeAsync, limits, Telemetry(), Time);

    private protected BatchTelemetry Telemetry() => new(Meter, Log, "text", "test-model");
}
