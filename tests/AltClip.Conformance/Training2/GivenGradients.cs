using AltClip.Modeling;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Conformance.Training2;

/// <summary>Parameters whose gradients are what one gives: the loss is the sum of their products.</summary>
internal sealed class GivenGradients : nn.Module
{
    public GivenGradients(Tensor[] values) : base(nameof(GivenGradients))
    {
        Values = [.. values.Select(Skeleton.Parameter)];
        for (var i = 0; i < Values.Length; i++) register_parameter($"value{i}", Values[i]);
    }

    public Parameter[] Values { get; }

    public Tensor Loss(Tensor[] gradients) => Values.Zip(gradients, (value, gradient) => (value * gradient).sum()).Aggregate((a, b) => a + b);
}
