using System.Runtime.ExceptionServices;
using static TorchSharp.torch;

namespace AltClip.Modeling;

/// <summary>One layer: its number, the states [batch, sequence, width] that come in, and what all layers share, to the states that go out.</summary>
internal delegate Tensor LayerFunction(int layer, Tensor states, IReadOnlyList<Tensor> shared);

/// <summary>
/// Gradient checkpointing (Chen et al., arXiv 1604.06174): of each layer only what comes in is kept, and its inside is computed again in the
/// backward pass, one layer at a time, from the same random numbers. The parameters' gradients are added where they are, not passed on.
/// </summary>
internal sealed class CheckpointedLayers : autograd.SingleTensorFunction<CheckpointedLayers>
{
    private const string CallKey = "call";

    [ThreadStatic]
    private static ExceptionDispatchInfo? _failure;

    /// <inheritdoc/>
    public override string Name => nameof(CheckpointedLayers);

    /// <summary>Runs layers one after the other.</summary>
    /// <param name="states">What comes into the first: [batch, sequence, width].</param>
    /// <param name="layers">How many layers there are.</param>
    /// <param name="shared">What all layers take beside it; it gets no gradient.</param>
    /// <param name="forward">Computes one layer, and nothing from other tensors than those given and its parameters.</param>
    public static Tensor Run(Tensor states, int layers, IReadOnlyList<Tensor> shared, LayerFunction forward)
    {
        ThrowIfFailed();
        using var scope = NewDisposeScope();
        // The layers may train where nothing before them does, and only what comes from an input with a gradient has one.
        var input = states.requires_grad ? states : states.detach().requires_grad_(true);
        return scope.MoveToOuter(apply(input, new Call(layers, shared, forward)));
    }

    /// <summary>
    /// Throws what stopped the last backward pass on this thread: libtorch calls that pass, and its code lets no exception through.
    /// </summary>
    public static void ThrowIfFailed()
    {
        var failure = _failure;
        _failure = null;
        failure?.Throw();
    }

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (states, call) = ((Tensor)vars[0], (Call)vars[1]);
        var (inputs, random) = (new List<Tensor>(), new List<Tensor>());
        for (var i = 0; i < call.Layers; i++)
        {
            LayerCancellation.ThrowIfCancelled();
            inputs.Add(states);
            random.Add(ReplayedRandom.Begin(states.device));
            states = call.Forward(i, states, call.Shared);
        }
        ctx.save_for_backward([.. inputs, .. random, .. call.Shared]);
        ctx.save_data(CallKey, call with { Shared = [] }); // those tensors belong to the caller, who will have disposed them
        return states;
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        try
        {
            using var scope = NewDisposeScope();
            using var gradients = enable_grad();
            return [scope.MoveToOuter(Backward((Call)ctx.get_data(CallKey), ctx.get_saved_variables(), grad_output)), null!];
        }
        catch (Exception e)
        {
            _failure = ExceptionDispatchInfo.Capture(e);
            return [null!, null!];
        }
    }

    private static Tensor Backward(Call call, List<Tensor> saved, Tensor gradient)
    {
        var shared = saved[(2 * call.Layers)..];
        using var random = new ReplayedRandom();
        for (var i = call.Layers - 1; i >= 0; i--)
        {
            LayerCancellation.ThrowIfCancelled();
            using var scope = NewDisposeScope();
            var input = saved[i].detach().requires_grad_(true);
            ReplayedRandom.Replay(saved[call.Layers + i], input.device);
            call.Forward(i, input, shared).backward([gradient]);
            saved[i].Dispose();
            gradient.Dispose();
            gradient = scope.MoveToOuter(input.grad!);
        }
        return gradient;
    }

    private sealed record Call(int Layers, IReadOnlyList<Tensor> Shared, LayerFunction Forward);
}
