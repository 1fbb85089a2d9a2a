using static TorchSharp.torch;

namespace AltClip.Training.Distributed;

/// <summary>
/// Processes that train one model together, each on its own part of the data: what PyTorch calls a process group. All must call the same
/// operations in the same order, with tensors of the same shape and type. A process that ends makes the others' operations fail.
/// </summary>
/// <remarks>
/// <see cref="Join"/> gives one over Gloo, libtorch's own engine, on Linux x64, and over NCCL for the tensors of a GPU that is named. Another engine is a
/// class derived from this one.
/// It is not for several threads at once.
/// </remarks>
/// <example>
/// <code>
/// using var group = ProcessGroup.FromEnvironment();                       // null where there is one process
/// using TrainingLoss loss = group is null ? contrastive : new GatheredLoss(contrastive, group);
/// using var trainer = new Trainer(model, LossOfBatch, new TrainerOptions { Steps = 1_000, ProcessGroup = group });
/// </code>
/// </example>
public abstract class ProcessGroup : IDisposable
{
    private bool _failed;
    private bool _disposed;

    /// <summary>Says which process of how many this is.</summary>
    /// <param name="rank">The number of this process, from 0.</param>
    /// <param name="worldSize">How many there are.</param>
    /// <exception cref="ArgumentException">There is no such rank.</exception>
    protected ProcessGroup(int rank, int worldSize)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rank);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rank, worldSize);
        (Rank, WorldSize) = (rank, worldSize);
    }

    /// <summary>The number of this process, from 0. Rank 0 writes checkpoints and logs.</summary>
    public int Rank { get; }

    /// <summary>How many processes there are.</summary>
    public int WorldSize { get; }

    /// <summary>
    /// Whether this process has NCCL, by which tensors go from GPU to GPU: that of libtorch for CUDA, or <c>libnccl.so.2</c> of the system, 2.14 or later.
    /// Without it those of a GPU go by way of the processor's memory.
    /// </summary>
    public static bool IsNcclAvailable => OperatingSystem.IsLinux() && NcclLibrary.Instance is not null;

    /// <summary>Joins a group, and waits until all its processes have: over Gloo, and over NCCL for tensors of <see cref="ProcessGroupOptions.Device"/>.</summary>
    /// <param name="options">Which process this is, and where they meet.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The group, which the caller disposes.</returns>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="PlatformNotSupportedException">
    /// This is not Linux x64, or libtorch is not the version that this is for; or a GPU is named, and there is no NCCL.
    /// </exception>
    /// <exception cref="ProcessGroupException">The others did not come in time, the address is wrong, or the port is taken.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static ProcessGroup Join(ProcessGroupOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (options.Device is not { } device) return GlooGroup.Join(options, cancellationToken);
        return IsNcclAvailable ? NcclGroup.Join(options, NcclLibrary.Instance!, device, cancellationToken)
            : throw new PlatformNotSupportedException($"Tensors of {device} can't go by NCCL: {NcclLibrary.Problem ?? "it is on Linux alone"}.");
    }

    /// <summary>Joins the group that torchrun or SLURM started this process for: <see cref="ProcessGroupOptions.FromEnvironment"/>.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The group, which the caller disposes; null if there is no more than this process.</returns>
    /// <inheritdoc cref="Join" path="/exception"/>
    public static ProcessGroup? FromEnvironment(CancellationToken cancellationToken = default) =>
        ProcessGroupOptions.FromEnvironment() is { } options ? Join(options, cancellationToken) : null;

    /// <summary>Puts the processes' tensors together, element by element. All get the very same bits.</summary>
    /// <param name="tensor">This process's tensor, which becomes the result; any shape and device.</param>
    /// <param name="operation">How.</param>
    /// <exception cref="ProcessGroupException">Another process has ended, or the time is up.</exception>
    public void AllReduce(Tensor tensor, ReduceOperation operation = ReduceOperation.Sum)
    {
        if (!Enum.IsDefined(operation)) throw new ArgumentOutOfRangeException(nameof(operation), operation, "Expected one of the enumeration.");
        InPlace(tensor, dense => AllReduceCore(dense, operation));
    }

    /// <summary>Gives all processes the tensor of one.</summary>
    /// <param name="tensor">The root's tensor, or what becomes that; any shape and device.</param>
    /// <param name="root">The rank whose tensor it is.</param>
    /// <inheritdoc cref="AllReduce" path="/exception"/>
    public void Broadcast(Tensor tensor, int root = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(root);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(root, WorldSize);
        InPlace(tensor, dense => BroadcastCore(dense, root));
    }

    /// <summary>Gives all processes the rows of all. It has no gradient; <see cref="GatheredLoss"/> does.</summary>
    /// <param name="tensor">This process's rows: [rows, …].</param>
    /// <returns>The rows in the order of ranks, on the same device: [world size * rows, …]; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">The tensor has no rows.</exception>
    /// <inheritdoc cref="AllReduce" path="/exception"/>
    public Tensor AllGather(Tensor tensor)
    {
        CheckTensor(tensor);
        if (tensor.dim() == 0 || tensor.numel() == 0) throw new ArgumentException("It has no rows; expected [rows, …].", nameof(tensor));
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var dense = tensor.detach().to(Place(tensor)).contiguous();
        var all = empty([dense.shape[0] * WorldSize, .. dense.shape[1..]], dense.dtype, dense.device);
        Try(() => AllGatherCore(all, dense));
        return scope.MoveToOuter(all.to(tensor.device));
    }

    /// <summary>Waits until all processes are here.</summary>
    /// <inheritdoc cref="AllReduce" path="/exception"/>
    public void Barrier()
    {
        using var one = ones(1, ScalarType.Int32, CPU);
        AllReduce(one);
    }

    /// <summary>
    /// Lets rank 0 do what only one is to do, such as to write a file, while the others wait for it, however long it takes: it tells them meanwhile that it
    /// is there still.
    /// </summary>
    /// <param name="work">What rank 0 does, on the thread that calls, without using the group.</param>
    /// <inheritdoc cref="AllReduce" path="/exception"/>
    public void RunOnFirst(Action work)
    {
        ArgumentNullException.ThrowIfNull(work);
        RunOnFirst(() =>
        {
            work();
            return 0;
        });
    }

    /// <summary>Gives all processes a number that rank 0 finds, such as what an evaluation measures: see <see cref="RunOnFirst(Action)"/>.</summary>
    /// <param name="work">Finds it, on the thread that calls, without using the group.</param>
    /// <returns>What <paramref name="work"/> returned in rank 0.</returns>
    /// <inheritdoc cref="AllReduce" path="/exception"/>
    public double RunOnFirst(Func<double> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        return Rank == 0 ? TellWhile(work) : WaitForFirst();
    }

    /// <summary>Leaves the group. Operations that others begin then fail.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Where a tensor has to be for this engine, which is then given it or a copy that is there.</summary>
    /// <param name="tensor">The tensor, on any device.</param>
    /// <returns>Its own device, or the CPU, which every engine takes.</returns>
    protected virtual Device Place(Tensor tensor) => CPU;

    /// <summary>Does what <see cref="AllReduce"/> says.</summary>
    /// <param name="tensor">Contiguous, where <see cref="Place"/> says, without a gradient, with an element at least.</param>
    /// <param name="operation">How.</param>
    /// <exception cref="ProcessGroupException">It failed.</exception>
    protected abstract void AllReduceCore(Tensor tensor, ReduceOperation operation);

    /// <summary>Does what <see cref="Broadcast"/> says.</summary>
    /// <param name="tensor">Contiguous, where <see cref="Place"/> says, without a gradient, with an element at least.</param>
    /// <param name="root">The rank whose tensor it is.</param>
    /// <exception cref="ProcessGroupException">It failed.</exception>
    protected abstract void BroadcastCore(Tensor tensor, int root);

    /// <summary>Does what <see cref="AllGather"/> says.</summary>
    /// <param name="output">What to fill: contiguous, where <see cref="Place"/> says, without a gradient.</param>
    /// <param name="input">This process's rows, the same.</param>
    /// <exception cref="ProcessGroupException">It failed.</exception>
    protected abstract void AllGatherCore(Tensor output, Tensor input);

    /// <summary>Leaves the group, once.</summary>
    /// <param name="disposing">True.</param>
    protected abstract void Dispose(bool disposing);

    /// <summary>How often a process that others wait for says that it is there: often enough that none gives up.</summary>
    internal TimeSpan TellEvery { get; init; } = TimeSpan.FromSeconds(30);

    private double TellWhile(Func<double> work)
    {
        using var done = new ManualResetEventSlim();
        var telling = Task.Run(() =>
        {
            while (!done.Wait(TellEvery)) Tell(isDone: false, 0);
        });
        double value;
        try
        {
            value = work();
        }
        finally
        {
            // Two threads must not use the group; what telling threw is not to hide what the work did.
            done.Set();
            ((IAsyncResult)telling).AsyncWaitHandle.WaitOne();
        }
        telling.GetAwaiter().GetResult();
        return Tell(isDone: true, value).Value;
    }

    private double WaitForFirst()
    {
        while (true)
        {
            var (isDone, value) = Tell(isDone: false, 0);
            if (isDone) return value;
        }
    }

    private (bool IsDone, double Value) Tell(bool isDone, double value)
    {
        using var message = tensor(new[] { isDone ? 1 : 0, value }, device: CPU);
        Broadcast(message);
        var told = message.data<double>();
        return (told[0] != 0, told[1]);
    }

    private void InPlace(Tensor tensor, Action<Tensor> operation)
    {
        CheckTensor(tensor);
        if (tensor.numel() == 0) return;
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var plain = tensor.detach();
        // Of the memory itself where that can be.
        var place = Place(tensor);
        var dense = plain.to(place).contiguous();
        Try(() => operation(dense));
        if (tensor.device_type != place.type || !tensor.is_contiguous()) plain.copy_(dense);
    }

    private void CheckTensor(Tensor tensor)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentNullException.ThrowIfNull(tensor);
        if (tensor.is_sparse) throw new ArgumentException("It is sparse; expected a dense tensor.", nameof(tensor));
        if (_failed) throw new ProcessGroupException($"Rank {Rank} of {WorldSize}: an operation failed before; the group is of no more use.");
    }

    private void Try(Action operation)
    {
        try
        {
            operation();
        }
        catch (ProcessGroupException)
        {
            _failed = true;
            throw;
        }
    }
}
