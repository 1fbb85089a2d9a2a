using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Training.Distributed;

/// <summary>The same model in all processes of a group, kept the same: what a <c>Trainer</c> does beyond training alone.</summary>
internal sealed class Replicas
{
    private const long ChunkBytes = 25 << 20;

    private readonly GradientAverage _gradients;

    /// <param name="group">The processes.</param>
    /// <param name="trained">What trains, in the same order in all processes.</param>
    public Replicas(ProcessGroup group, IReadOnlyList<Parameter> trained) => (Group, _gradients) = (group, new(group, trained));

    public ProcessGroup Group { get; }

    /// <summary>Gives all processes the numbers of rank 0.</summary>
    public double[] Broadcast(params ReadOnlySpan<double> numbers)
    {
        using var message = tensor(numbers.ToArray(), device: CPU);
        Group.Broadcast(message);
        return message.data<double>().ToArray();
    }

    /// <summary>Gives all processes the tensors of rank 0.</summary>
    public void Broadcast(IEnumerable<Tensor> tensors)
    {
        foreach (var tensor in tensors) Group.Broadcast(tensor);
    }

    /// <summary>Takes the mean of gradients and loss over processes.</summary>
    /// <param name="loss">This process's loss.</param>
    /// <param name="asked">What this process asks for.</param>
    /// <returns>The mean loss, and what any process asks for: clocks and signals differ, and all have to do the same.</returns>
    public (double Loss, StepRequests Asked) Average(double loss, StepRequests asked)
    {
        _gradients.Take();
        using var message = tensor(new[] { loss, asked.Stops ? 1.0 : 0, asked.Saves ? 1.0 : 0 }, device: CPU);
        Group.AllReduce(message);
        var sums = message.data<double>();
        return (sums[0] / Group.WorldSize, new(sums[1] > 0, sums[2] > 0));
    }

    /// <summary>Compares tensors, bit by bit, with those of rank 0.</summary>
    /// <exception cref="ReplicasDifferException">They differ in some process; thrown in all.</exception>
    public void ThrowUnlessEqual(IReadOnlyDictionary<string, Tensor> tensors, long step)
    {
        using var noGrad = no_grad();
        string? different = null;
        foreach (var (name, own) in tensors)
            if (Differs(own)) different ??= name;
        using var any = tensor(different is null ? 0 : 1, device: CPU);
        Group.AllReduce(any, ReduceOperation.Max);
        if (any.item<int>() != 0) throw new ReplicasDifferException(step, Group.Rank, different);
    }

    private bool Differs(Tensor own)
    {
        var differs = false;
        using var scope = NewDisposeScope();
        foreach (var chunk in own.detach().reshape(-1).split(Math.Max(1, ChunkBytes / own.element_size())))
        {
            using var chunkScope = NewDisposeScope();
            // As bytes: of numbers, 0 is equal to -0, and NaN to none.
            var (bytes, firsts) = (chunk.cpu().contiguous(), chunk.cpu().clone());
            Group.Broadcast(firsts);
            differs |= !firsts.bytes.SequenceEqual(bytes.bytes);
        }
        return differs;
    }
}
