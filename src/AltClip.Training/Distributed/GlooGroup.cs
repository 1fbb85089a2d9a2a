using System.Runtime.InteropServices;
using AltClip.Native;
using static TorchSharp.torch;

namespace AltClip.Training.Distributed;

/// <summary>c10d's ProcessGroupGloo over a TCPStore of rank 0: what <c>init_process_group("gloo")</c> makes in Python.</summary>
internal sealed class GlooGroup : ProcessGroup
{
    private static readonly Lazy<string?> Problem = new(FindProblem);

    private nint _group;

    private GlooGroup(ProcessGroupOptions options, nint group) : base(options.Rank, options.WorldSize)
    {
        _group = group;
        TellEvery = TimeSpan.FromTicks(Math.Min(TellEvery.Ticks, options.Timeout.Ticks / 4));
    }

    public static new ProcessGroup Join(ProcessGroupOptions options, CancellationToken cancellationToken)
    {
        if (Problem.Value is { } problem) throw new PlatformNotSupportedException(problem);
        // libtorch can't be stopped while it waits; the thread ends when its time is up.
        var joining = Task.Run(() =>
        {
            var failure = GlooLibrary.Join(
                options.MasterAddress, (ushort)options.MasterPort, options.Rank, options.WorldSize, options.Timeout, out var group);
            return failure is null ? new GlooGroup(options, group) : throw new ProcessGroupException(
                $"Rank {options.Rank} of {options.WorldSize} can't join the others at {options.MasterAddress}:{options.MasterPort}: {failure}.");
        }, CancellationToken.None);
        try
        {
            joining.Wait(cancellationToken);
        }
        catch (AggregateException)
        {
            // Thrown as it is below.
        }
        catch (OperationCanceledException)
        {
            joining.ContinueWith(
                late => { if (late.IsCompletedSuccessfully) late.Result.Dispose(); else _ = late.Exception; },
                CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            throw;
        }
        return joining.GetAwaiter().GetResult();
    }

    protected override void AllReduceCore(Tensor tensor, ReduceOperation operation) =>
        Check("all-reduce", GlooLibrary.AllReduce(_group, tensor.Handle, (byte)operation));

    protected override void BroadcastCore(Tensor tensor, int root) => Check("broadcast", GlooLibrary.Broadcast(_group, tensor.Handle, root));

    protected override void AllGatherCore(Tensor output, Tensor input) =>
        Check("all-gather", GlooLibrary.AllGather(_group, output.Handle, input.Handle));

    protected override void Dispose(bool disposing)
    {
        GlooLibrary.Leave(_group);
        _group = 0;
    }

    private static string? FindProblem()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
            return "Processes train together on Linux x64 only, where libtorch has Gloo.";
        TorchRuntime.EnsureLoaded();
        try
        {
            return GlooLibrary.CheckLibtorch() is { } other ? $"Processes can't train together with this libtorch: {other}." : null;
        }
        catch (DllNotFoundException e)
        {
            return $"The library of the package AltClip.Training for processes that train together does not load: {e.Message}";
        }
    }

    private void Check(string operation, string? problem)
    {
        if (problem is not null)
            throw new ProcessGroupException($"Rank {Rank} of {WorldSize}: {operation} failed, since another process has ended or does not answer: {problem}.");
    }
}
