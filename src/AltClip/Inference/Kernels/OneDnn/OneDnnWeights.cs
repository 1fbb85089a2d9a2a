using AltClip.Configuration;
using AltClip.Shared;
using static TorchSharp.torch;

namespace AltClip.Inference.Kernels.OneDnn;

/// <summary>The layers of one encoder as the list of tensors that <c>Encoder.py</c> describes.</summary>
internal sealed class OneDnnWeights : IDisposable
{
    private readonly List<Tensor> _tensors = [];

    public OneDnnWeights(EncoderSpec encoder, OneDnnCode code, bool release)
    {
        Encoder = encoder;
        var fused = FusedActivation.Get(encoder.Activation);
        Activation = Code(fused.Function);
        try
        {
            foreach (var layer in encoder.Layers)
            {
                Add(layer, code, fused, last: layer == encoder.Layers[^1]);
                if (release) layer.Layer.Dispose();
            }
            Tensors = [.. _tensors];
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>In the order that the code wants; an array because TorchSharp passes no other list.</summary>
    public Tensor[] Tensors { get; }

    /// <summary>What they are the layers of.</summary>
    public EncoderSpec Encoder { get; }

    /// <summary>The number that the code has for the activation.</summary>
    public long Activation { get; }

    public void Dispose()
    {
        foreach (var tensor in _tensors) tensor.Dispose();
    }

    private void Add(EncoderLayerParts layer, OneDnnCode code, FusedActivation activation, bool last)
    {
        using var scope = NewDisposeScope();
        code.AddNorm(_tensors, layer.Norm1);
        code.AddNorm(_tensors, layer.Norm2);
        var (query, keyValue) = layer.Asking(last, 1 / Math.Sqrt(Encoder.HeadSize));
        if (query is { } apart) code.AddProduct(_tensors, apart.Weight, apart.Bias);
        code.AddProduct(_tensors, keyValue.Weight, keyValue.Bias);
        code.AddProduct(_tensors, layer.Output.weight!, layer.Output.bias!);
        code.AddProduct(_tensors, layer.Widen.weight!, layer.Widen.bias!.Times(activation.Inside), factor: activation.Inside);
        code.AddProduct(_tensors, layer.Narrow.weight!, layer.Narrow.bias!, factor: 1 / activation.Inside);
    }

    /// <summary>Whether an activation is computed within a product.</summary>
    public static bool HasCode(ActivationFunction function) => CodeOrNull(FusedActivation.Get(function).Function) is not null;

    private static long Code(ActivationFunction function) =>
        CodeOrNull(function) ?? throw new ArgumentOutOfRangeException(nameof(function), function, "Not an activation of the code.");

    private static long? CodeOrNull(ActivationFunction function) => function switch
    {
        ActivationFunction.Relu => 1,
        ActivationFunction.Gelu => 2,
        ActivationFunction.GeluNew or ActivationFunction.GeluPytorchTanh => 3,
        ActivationFunction.Silu => 4,
        ActivationFunction.Selu => 5,
        _ => null,
    };
}
