using System.Runtime.CompilerServices;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Modeling.Adapters;

/// <summary>What an adapter adds to one linear map: x A^T B^T times a factor (Hu et al., arXiv 2106.09685).</summary>
internal sealed class LoraLayer : AltCLIPModule
{
    internal readonly Linear lora_A;
    internal readonly Linear lora_B;

    // TorchSharp's linear layer is sealed and knows of no adapters.
    private static readonly ConditionalWeakTable<Linear, LoraLayer> Attached = [];

    private readonly double _scale;
    private readonly double _dropout;
    private Tensor? _unmergedWeight;

    /// <param name="name">The name of the linear layer in its model.</param>
    /// <param name="layer">The linear layer.</param>
    /// <param name="rank">The rows of A.</param>
    /// <param name="scale">The factor.</param>
    /// <param name="dropout">The part of the inputs that is left out while training.</param>
    public LoraLayer(string name, Linear layer, int rank, double scale, double dropout) : base(nameof(LoraLayer))
    {
        (Name, Layer, _scale, _dropout) = (name, layer, scale, dropout);
        lora_A = Skeleton.Linear(layer.weight.shape[1], rank, bias: false);
        lora_B = Skeleton.Linear(rank, layer.weight.shape[0], bias: false);
        // A as PyTorch starts a linear layer, B at zero: at first the adapter adds nothing.
        var bound = 1 / Math.Sqrt(layer.weight.shape[1]);
        using (no_grad()) lora_A.weight = Skeleton.Parameter(empty([rank, layer.weight.shape[1]], device: layer.weight.device).uniform_(-bound, bound));
        lora_B.weight = Skeleton.Parameter(zeros([layer.weight.shape[0], rank], device: layer.weight.device));
        // By name, because the linear layer itself belongs to its model.
        register_module(nameof(lora_A), lora_A);
        register_module(nameof(lora_B), lora_B);
    }

    /// <summary>Nothing: TorchSharp would take every module in a field, the model's own linear layer too.</summary>
    protected override void RegisterComponents()
    {
    }

    public string Name { get; }

    public Linear Layer { get; }

    /// <summary>The adapter of a linear layer that is to be added to what it computes.</summary>
    public static LoraLayer? Of(Linear layer) => Attached.TryGetValue(layer, out var lora) && lora._unmergedWeight is null ? lora : null;

    public static bool IsAttached(Linear layer) => Attached.TryGetValue(layer, out _);

    /// <summary>Whether anything in a module learns: its own parameters or adapters of its linear layers.</summary>
    public static bool Learns(nn.Module module) =>
        module.parameters().Any(parameter => parameter.requires_grad)
        || module.modules().Prepend(module).OfType<Linear>().Any(layer => Of(layer) is { } lora && lora.parameters().Any(p => p.requires_grad));

    public void Attach() => Attached.Add(Layer, this);

    public void Detach()
    {
        Unmerge();
        Attached.Remove(Layer);
    }

    /// <summary>What is added for states [..., inputs], in their type: [..., outputs].</summary>
    public Tensor forward(Tensor states)
    {
        using var scope = NewDisposeScope();
        var kept = _dropout > 0 && Layer.training ? nn.functional.dropout(states, _dropout, training: true) : states;
        return scope.MoveToOuter(lora_B.Project(lora_A.Project(kept)).mul_(_scale));
    }

    /// <summary>Adds it to the weights; they are kept as they were, so that <see cref="Unmerge"/> brings them back to the last bit.</summary>
    public void Merge()
    {
        if (_unmergedWeight is not null) return;
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var weight = Layer.weight;
        _unmergedWeight = weight.detach().clone().DetachFromDisposeScope();
        weight.add_((lora_B.weight.mm(lora_A.weight) * _scale).to(weight.dtype));
    }

    public void Unmerge()
    {
        if (_unmergedWeight is null) return;
        using (no_grad()) Layer.weight.copy_(_unmergedWeight);
        _unmergedWeight.Dispose();
        _unmergedWeight = null;
    }
}
