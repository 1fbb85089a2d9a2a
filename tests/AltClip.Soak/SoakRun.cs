using System.Diagnostics;
using TorchSharp;

namespace AltClip.Soak;

/// <summary>Encodes on many threads at once, and sees after each round, when all of them rest, what the process holds.</summary>
internal sealed class SoakRun(SoakArguments arguments, IReadOnlyList<SoakLane> lanes, IReadOnlyList<SoakRequest> bad)
{
    private const int CallsOfRound = 100;
    private const double BadShare = 0.01;
    private const double CancelledShare = 0.05;
    private const double WarmUpShare = 1 / 3.0;
    private const double MostGrowth = 0.02;

    private readonly Stopwatch _time = Stopwatch.StartNew();
    private readonly List<Footprint> _footprints = [];
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, int> _faults = [];
    private long _encoded, _calls, _cancelled, _refused;

    /// <summary>Runs until the time is over.</summary>
    /// <returns>Whether all was as it has to be.</returns>
    public bool Go(TextWriter output)
    {
        var goesOn = true;
        using var rest = new Barrier(arguments.Threads, _ =>
        {
            _footprints.Add(Footprint.Take(_time.Elapsed.TotalSeconds));
            goesOn = _time.Elapsed.TotalSeconds < arguments.Seconds;
        });
        Thread[] threads =
        [
            .. Enumerable.Range(0, arguments.Threads).Select(thread => new Thread(() =>
            {
                var random = new Random(unchecked((arguments.Seed * 1000) + thread));
                do
                {
                    for (var i = 0; i < CallsOfRound; i++) Call(random);
                    rest.SignalAndWait();
                }
                while (goesOn);
            })),
        ];
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        return Report(output);
    }

    private void Call(Random random)
    {
        var lane = lanes[random.Next(lanes.Count)];
        if (random.NextDouble() < BadShare)
        {
            var request = bad[random.Next(bad.Count)];
            Try(lane, request, null, CancellationToken.None);
            return;
        }
        var good = random.Next(lane.Requests.Count);
        using var cancel = random.NextDouble() < CancelledShare ? new CancellationTokenSource() : null;
        // Half of them before the call, the others while it runs.
        if (random.Next(2) == 0) cancel?.Cancel();
        else cancel?.CancelAfter(TimeSpan.FromMilliseconds(random.NextDouble() * 10));
        Try(lane, lane.Requests[good], lane.Results[good], cancel?.Token ?? CancellationToken.None);
    }

    private void Try(SoakLane lane, SoakRequest request, float[]? expected, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _calls);
        try
        {
            var result = request.Run(lane.Pipeline, cancellationToken);
            if (expected is null) Fault($"{lane.Name}: {request.Name} was encoded");
            else if (!expected.AsSpan().SequenceEqual(result)) Fault($"{lane.Name}: {request.Name} has another result");
            Interlocked.Add(ref _encoded, request.Inputs);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Interlocked.Increment(ref _cancelled);
        }
        catch (Exception e) when (request.Error is { } error && error.IsInstanceOfType(e))
        {
            Interlocked.Increment(ref _refused);
        }
        catch (Exception e)
        {
            Fault($"{lane.Name}: {request.Name}: {e.GetType().Name}: {e.Message}");
        }
    }

    private void Fault(string what)
    {
        lock (_gate) _faults[what] = _faults.GetValueOrDefault(what) + 1;
    }

    private bool Report(TextWriter output)
    {
        var warm = _footprints.FindAll(footprint => footprint.Seconds >= arguments.Seconds * WarmUpShare);
        var (first, last) = (warm[0], warm[^1]);
        var tensors = _footprints.Max(footprint => footprint.Tensors) - _footprints.Min(footprint => footprint.Tensors);
        var growth = ((double)warm.Max(footprint => footprint.Bytes) / first.Bytes) - 1;
        output.WriteLine($"{_encoded} inputs encoded in {_calls} calls by {arguments.Threads} threads in {_time.Elapsed.TotalSeconds:0} s: {string.Join(", ", lanes.Select(lane => lane.Name))}");
        output.WriteLine($"{_cancelled} calls cancelled, {_refused} of bad input refused, {_faults.Values.Sum()} faults");
        output.WriteLine($"{_footprints.Count} rests: {first.Tensors} tensors, differing by {tensors}; {first.Bytes / 1e6:0.0} MB after {first.Seconds:0} s, {last.Bytes / 1e6:0.0} MB at the end, at most {growth:0.0%} more");
        foreach (var (fault, count) in _faults.Take(20)) output.WriteLine($"  {count} x {fault}");
        return _faults.Count == 0 && tensors == 0 && growth <= MostGrowth;
    }

    /// <summary>What the process holds while nothing runs.</summary>
    private sealed record Footprint(double Seconds, long Tensors, long Bytes)
    {
        public static Footprint Take(double seconds)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return new(seconds, torch.Tensor.TotalCount, Environment.WorkingSet);
        }
    }
}
