using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Modeling.Adapters;

/// <summary>An adapter of a convolution: one of the same kernel to a few channels, and from them one of kernel 1, times a factor.</summary>
internal sealed class ConvolutionLora : LoraLayer
{
    internal readonly Conv2d lora_A;
    internal readonly Conv2d lora_B;

    public ConvolutionLora(string name, Conv2d layer, LoraLayerOptions options)
        : base(name, layer, options, lengthDimensions: [1, 2, 3], magnitudeShape: [1, layer.weight.shape[0], 1, 1])
    {
        lora_A = Skeleton.Conv2d(layer.weight.shape[1], options.Rank, layer.weight.shape[2]);
        lora_B = Skeleton.Conv2d(options.Rank, layer.weight.shape[0], 1);
        register_module(nameof(lora_A), lora_A);
        register_module(nameof(lora_B), lora_B);
    }

    /// <summary>What is added for pictures [batch, channels, height, width], in their type.</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var kept = Kept(input);
        return scope.MoveToOuter(HasMagnitude
            ? nn.functional.conv2d(kept, Change().to(kept.dtype), strides: Weight.shape[2..])
            : lora_B.Convolve(lora_A.Convolve(kept, kept.dtype), kept.dtype) * Scale);
    }

    protected override Tensor Delta()
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(lora_B.weight.flatten(1).mm(lora_A.weight.flatten(1)).view(Weight.shape) * Scale);
    }
}
