using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Modeling.Adapters;

/// <summary>An adapter of a linear layer: x A^T B^T times a factor, the bias of B with it.</summary>
internal sealed class LinearLora : LoraLayer
{
    internal readonly Linear lora_A;
    internal readonly Linear lora_B;

    public LinearLora(string name, Linear layer, LoraLayerOptions options)
        : base(name, layer, options, lengthDimensions: [1], magnitudeShape: [layer.weight.shape[0]])
    {
        lora_A = Skeleton.Linear(layer.weight.shape[1], options.Rank, bias: false);
        lora_B = Skeleton.Linear(options.Rank, layer.weight.shape[0], options.HasBias);
        // By name, because the linear layer itself belongs to its model.
        register_module(nameof(lora_A), lora_A);
        register_module(nameof(lora_B), lora_B);
    }

    /// <summary>Fills its parameters to be trained: A as PyTorch starts a linear layer, B with zeros; at first the adapter adds nothing.</summary>
    public void Initialize()
    {
        var (device, bound) = (Weight.device, 1 / Math.Sqrt(Weight.shape[1]));
        using (no_grad()) lora_A.weight = Skeleton.Parameter(empty(lora_A.weight.shape, float32, device).uniform_(-bound, bound));
        lora_B.weight = Skeleton.Parameter(zeros(lora_B.weight.shape, float32, device));
        InitializeMagnitude();
    }

    /// <summary>What is added for states [..., inputs], in their type: [..., outputs].</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var kept = Kept(input);
        return scope.MoveToOuter(HasMagnitude
            ? nn.functional.linear(kept, Change().to(kept.dtype))
            : lora_B.Project(lora_A.Project(kept)).mul_(Scale));
    }

    protected override Tensor Delta()
    {
        using var product = lora_B.weight.mm(lora_A.weight);
        return product * Scale;
    }

    protected override Tensor? BiasChange() => lora_B.bias is { } bias ? bias * Scale : null;
}
