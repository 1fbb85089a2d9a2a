using System.Diagnostics;
using AltClip.Native;
using static TorchSharp.torch;

namespace AltClip.Training.Distributed;

/// <summary>
/// Tensors of one GPU by NCCL, all others by Gloo: what <c>init_process_group("cpu:gloo,cuda:nccl")</c> makes in Python. The processes find each other by
/// Gloo, and meet by it before each operation: it notices at once that one has ended, where NCCL on one machine would wait for it.
/// </summary>
internal sealed class NcclGroup : ProcessGroup
{
    private readonly ProcessGroup _host;
    private readonly NcclLibrary _nccl;
    private readonly Device _device;
    private readonly TimeSpan _timeout;
    private nint _communicator;

    private NcclGroup(ProcessGroupOptions options, ProcessGroup host, NcclLibrary nccl, Device device) : base(options.Rank, options.WorldSize)
    {
        (_host, _nccl, _device, _timeout) = (host, nccl, device, options.Timeout);
        TellEvery = host.TellEvery;
    }

    /// <param name="options">Which process this is, and where they meet.</param>
    /// <param name="nccl">The library.</param>
    /// <param name="device">The GPU.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public static ProcessGroup Join(ProcessGroupOptions options, NcclLibrary nccl, Device device, CancellationToken cancellationToken)
    {
        var group = new NcclGroup(options, GlooGroup.Join(options, cancellationToken), nccl, device);
        try
        {
            group.JoinCommunicator(cancellationToken);
            return group;
        }
        catch
        {
            group.Dispose();
            throw;
        }
    }

    protected override Device Place(Tensor tensor) => Sends(tensor) ? _device : CPU;

    protected override void AllReduceCore(Tensor tensor, ReduceOperation operation)
    {
        if (!Sends(tensor)) _host.AllReduce(tensor, operation);
        else Run("all-reduce", (type, size) => _nccl.BeginAllReduce(_communicator, TensorMemory.Address(tensor), size, type, OperationOf(operation)), tensor);
    }

    protected override void BroadcastCore(Tensor tensor, int root)
    {
        if (!Sends(tensor)) _host.Broadcast(tensor, root);
        else Run("broadcast", (type, size) => _nccl.BeginBroadcast(_communicator, TensorMemory.Address(tensor), size, type, root), tensor);
    }

    protected override void AllGatherCore(Tensor output, Tensor input)
    {
        if (Sends(input))
        {
            Run("all-gather", (type, size) => _nccl.BeginAllGather(_communicator, TensorMemory.Address(output), TensorMemory.Address(input), size, type), input);
            return;
        }
        using var all = _host.AllGather(input);
        output.copy_(all);
    }

    protected override void Dispose(bool disposing)
    {
        Leave();
        _host.Dispose();
    }

    private void JoinCommunicator(CancellationToken cancellationToken)
    {
        using var id = zeros(NcclLibrary.UniqueId.Size, ScalarType.Byte, CPU);
        Guarded("join", () =>
        {
            if (Rank == 0) _nccl.GetUniqueId(id.bytes);
        });
        _host.Broadcast(id);
        Guarded("join", () =>
        {
            _nccl.SetDevice(Index);
            _communicator = _nccl.BeginJoin(id.bytes, Rank, WorldSize);
            Wait(() => _nccl.IsReady(_communicator), cancellationToken);
        });
    }

    private int Index => Math.Max(0, _device.index);

    private bool Sends(Tensor tensor) =>
        tensor.device_type == _device.type && (tensor.device_index < 0 || tensor.device_index == Index) && NcclLibrary.TypeOf(tensor.dtype) is not null;

    private void Run(string operation, Action<int, long> begin, Tensor tensor)
    {
        _host.Barrier();
        Guarded(operation, () =>
        {
            _nccl.SetDevice(Index);
            begin(NcclLibrary.TypeOf(tensor.dtype)!.Value, tensor.numel());
            Wait(() => _nccl.IsReady(_communicator) && _nccl.IsGpuDone(), CancellationToken.None);
        });
    }

    private void Wait(Func<bool> isDone, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var spin = new SpinWait();
        while (!isDone())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Stopwatch.GetElapsedTime(start) > _timeout) throw new NcclException($"another process does not answer within {_timeout.TotalSeconds:0} s");
            spin.SpinOnce();
        }
    }

    /// <summary>What fails half-way leaves the GPU with work that may never end, which only giving up the communicator ends.</summary>
    private void Guarded(string operation, Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is NcclException or OperationCanceledException)
        {
            Leave();
            if (e is OperationCanceledException) throw;
            throw new ProcessGroupException($"Rank {Rank} of {WorldSize}: {operation} by NCCL failed: {e.Message}.", e);
        }
    }

    private void Leave()
    {
        if (_communicator != 0) _nccl.Abort(_communicator);
        _communicator = 0;
    }

    // ncclRedOp_t.
    private static int OperationOf(ReduceOperation operation) => operation switch
    {
        ReduceOperation.Sum => 0,
        ReduceOperation.Max => 2,
        _ => 3,
    };
}
