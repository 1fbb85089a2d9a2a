using AltClip.Modeling.Adapters;
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
        return nn.functional.conv2d(pictures, weight, strides: layer.weight.shape[2..]);
    }
}
