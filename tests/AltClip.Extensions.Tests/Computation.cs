using System.Threading.Channels;

namespace AltClip.Extensions.Tests;

/// <summary>Doubles numbers, each batch when the test says so.</summary>
internal sealed class Computation
{
    private readonly Channel<StartedBatch> _started = Channel.CreateUnbounded<StartedBatch>();

    public async Task<IReadOnlyList<BatchOutcome<int>>> ComputeAsync(IReadOnlyList<int> inputs, CancellationToken stop)
    {
        var batch = new StartedBatch(inputs, stop);
        _started.Writer.TryWrite(batch);
        return await batch.Outcomes;
    }

    /// <summary>The next batch, once it is begun.</summary>
    public Task<StartedBatch> NextAsync() => _started.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(1));

    /// <summary>The next batch, which waits for time to pass.</summary>
    public async Task<StartedBatch> NextAsync(Action pass)
    {
        var next = NextAsync();
        // The batcher may just have read the clock and not set its timer yet; that one then starts from the time that was passed.
        while (!next.IsCompleted)
        {
            pass();
            await Task.WhenAny(next, Task.Delay(1));
        }
        return await next;
    }

    public bool HasStarted => _started.Reader.TryPeek(out _);

    public sealed class StartedBatch(IReadOnlyList<int> inputs, CancellationToken stop)
    {
        private readonly TaskCompletionSource<IReadOnlyList<BatchOutcome<int>>> _outcomes = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public IReadOnlyList<int> Inputs => inputs;

        public CancellationToken Stop => stop;

        public Task<IReadOnlyList<BatchOutcome<int>>> Outcomes => _outcomes.Task;

        public void Finish() => _outcomes.SetResult([.. inputs.Select(input => new BatchOutcome<int>(2 * input))]);

        public void Finish(int bad, Exception error) =>
            _outcomes.SetResult([.. inputs.Select(input => input == bad ? new BatchOutcome<int>(0, error) : new BatchOutcome<int>(2 * input))]);
    }
}
