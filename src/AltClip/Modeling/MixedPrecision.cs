using AltClip.Modeling.Adapters;
using AltClip.Shared;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Modeling;

/// <summary>
/// Layers whose input may have another type than their weights: they compute in the input's type, and the weights and their gradients keep
/// theirs. What autocast does in PyTorch, which TorchSharp has no call for.
/// </summary>
internal static class MixedPrecision
{
    /// <summary>The linear map of states [..., inputs] with its adapter if it has one, in their type: [..., outputs].</summary>
    public static Tensor Project(this Linear layer, Tensor states) => LoraLayer.Adapt(layer, states, ProjectPlain(layer, states));

    /// <summary>
    /// The same for the keys of attention, whose bias gets the gradient that it has, which is 0: it adds to all scores of a query the same, and softmax
    /// takes that away. Computed as other gradients are it would be the rounding of those, of which AdamW, that divides by a gradient's own size, makes
    /// steps as long as any, and other ones with each number of processes.
    /// </summary>
    public static Tensor ProjectKeys(this Linear layer, Tensor states)
    {
        if (layer.bias is not { requires_grad: true } || !is_grad_enabled()) return layer.Project(states);
        using var scope = NewDisposeScope();
        // The bias to the bit. Not detached alone: a parameter without a gradient is one that an optimiser passes by, with its decay.
        var bias = layer.bias.detach().Plus(layer.bias.Times(0));
        var keys = nn.functional.linear(states, layer.weight.to(states.dtype), bias.to(states.dtype));
        return scope.MoveToOuter(LoraLayer.Adapt(layer, states, keys));
    }

    private static Tensor ProjectPlain(Linear layer, Tensor states)
    {
        if (states.dtype == layer.weight.dtype) return layer.forward(states);
        using var weight = layer.weight.to(states.dtype);
        using var bias = layer.bias?.to(states.dtype);
        return nn.functional.linear(states, weight, bias);
    }

    /// <summary>The layer norm of states [..., width], in their type. On the CPU libtorch takes float32 weights for states of fewer bits.</summary>
    public static Tensor Normalize(this LayerNorm layer, Tensor states)
    {
        if (states.dtype == layer.weight.dtype || states.device_type == DeviceType.CPU) return layer.forward(states);
        using var weight = layer.weight.to(states.dtype);
        using var bias = layer.bias?.to(states.dtype);
        return nn.functional.layer_norm(states, [layer.weight.shape[0]], weight, bias, layer.eps);
    }

    /// <summary>
    /// The convolution of pictures [batch, channels, height, width] in a type of choice, with a stride of its kernel's size, and with its
    /// adapter if it has one.
    /// </summary>
    public static Tensor Convolve(this Conv2d layer, Tensor pictures, ScalarType dtype)
    {
        using var converted = pictures.to(dtype);
        return LoraLayer.Adapt(layer, converted, ConvolvePlain(layer, converted));
    }

    private static Tensor ConvolvePlain(Conv2d layer, Tensor pictures)
    {
        if (pictures.dtype == layer.weight.dtype) return layer.forward(pictures);
        using var weight = layer.weight.to(pictures.dtype);
        return ProductOfPatches(pictures, weight);
    }

    /// <summary>
    /// A convolution with a stride of its kernel's size as one product: each patch a row. In bfloat16 oneDNN's gradient of the convolution
    /// takes more of the processor: by the machine from 1.3 to 15 times as much was seen.
    /// </summary>
    /// <param name="pictures">[batch, channels, height, width]; what is left over at the right and below has no part.</param>
    /// <param name="weight">[outputs, channels, kernel height, kernel width].</param>
    /// <returns>[batch, outputs, height / kernel height, width / kernel width], not contiguous.</returns>
    internal static Tensor ProductOfPatches(Tensor pictures, Tensor weight)
    {
        using var scope = NewDisposeScope();
        var (batch, channels) = (pictures.shape[0], pictures.shape[1]);
        var (outputs, kernelHeight, kernelWidth) = (weight.shape[0], weight.shape[2], weight.shape[3]);
        var (height, width) = (pictures.shape[2] / kernelHeight, pictures.shape[3] / kernelWidth);
        var patches = pictures.slice(2, 0, height * kernelHeight, 1).slice(3, 0, width * kernelWidth, 1)
            .reshape(batch, channels, height, kernelHeight, width, kernelWidth).permute(0, 2, 4, 1, 3, 5)
            .reshape(batch * height * width, channels * kernelHeight * kernelWidth);
        return scope.MoveToOuter(patches.mm(weight.flatten(1).t()).view(batch, height, width, outputs).permute(0, 3, 1, 2));
    }
}
