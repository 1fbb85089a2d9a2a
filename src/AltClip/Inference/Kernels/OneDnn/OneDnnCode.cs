using AltClip.Shared;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Inference.Kernels.OneDnn;

/// <summary>The compiled code of <c>Encoder.py</c>, and how it wants its weights.</summary>
internal sealed class OneDnnCode(InferencePrecision precision, Device device) : IDisposable
{
    private readonly jit.ScriptModule _module = OneDnnArchive.Load();
    private readonly bool _int8 = precision == InferencePrecision.Int8;

    /// <summary>What products compute in.</summary>
    public InferencePrecision Precision => precision;

    /// <summary>The type of the states between products.</summary>
    public ScalarType DType { get; } = precision == InferencePrecision.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float32;

    /// <summary>The type in which attention is computed, and its mask is wanted.</summary>
    public ScalarType ScoreDType => _int8 ? ScalarType.BFloat16 : DType;

    /// <summary>Appends the three tensors of a product y = x W^T + b to a list, in the form that the code wants.</summary>
    /// <param name="weights">The list, whose tensors the caller disposes.</param>
    /// <param name="weight">W: [outputs, inputs].</param>
    /// <param name="bias">b: [outputs], or null.</param>
    /// <param name="quantized">Whether the product may be done in int8.</param>
    /// <param name="factor">On W, for what is folded into it.</param>
    public void AddProduct(List<Tensor> weights, Tensor weight, Tensor? bias, bool quantized = true, double factor = 1)
    {
        using var scope = NewDisposeScope();
        var outputs = weight.shape[0];
        var int8 = quantized && _int8;
        var term = bias is null ? zeros(outputs, dtype: DType, device: device) : Own(bias);
        var scale = empty(0, float32, device);
        Tensor packed;
        if (int8)
        {
            var full = weight.to(float32);
            scale = full.amax([1]).maximum(full.amin([1]).neg_()).Over_(127).AtLeast(1e-30f);
            packed = _module.invoke<Tensor>("pack_int8", full.div(scale.unsqueeze(1)).round_().to(ScalarType.Int8));
            scale.Times_(factor);
        }
        else
        {
            var scaled = factor == 1 ? weight.detach() : weight.Times(factor);
            packed = _module.invoke<Tensor>("pack", scaled.to(DType, device));
        }
        foreach (var tensor in new[] { packed, term, scale }) weights.Add(tensor.DetachFromDisposeScope());
    }

    /// <summary>Appends a layer norm's weight and bias.</summary>
    public void AddNorm(List<Tensor> weights, LayerNorm norm)
    {
        weights.Add(Own(norm.weight!).DetachFromDisposeScope());
        weights.Add(Own(norm.bias!).DetachFromDisposeScope());
    }

    /// <summary>A copy of a parameter in the encoder's own type.</summary>
    private Tensor Own(Tensor parameter)
    {
        using var detached = parameter.detach();
        return detached.to(DType, device, copy: true);
    }

    /// <summary>The product of <paramref name="x"/> [rows, inputs] and three tensors made by <see cref="AddProduct"/>.</summary>
    public Tensor Linear(Tensor x, List<Tensor> weights) => _module.invoke<Tensor>("linear", x, weights.ToArray());

    /// <summary>Runs all layers of an encoder; see <c>Encoder.py</c>.</summary>
    /// <param name="rows">Embedded tokens: [tokens, width].</param>
    /// <param name="groups">How many sequences there are of one length, and that length; then those of the next.</param>
    /// <param name="mask">What is added to the scores of the only group, or null.</param>
    /// <param name="weights">The layers.</param>
    /// <returns>The state of each sequence's first token: [sequences, width].</returns>
    public Tensor Encode(Tensor rows, long[] groups, Tensor? mask, OneDnnWeights weights)
    {
        using var sizes = tensor(groups, device: CPU);
        using Scalar heads = (long)weights.Encoder.Heads, eps = weights.Encoder.Eps, activation = weights.Activation;
        return _module.invoke<Tensor>("encode", rows, sizes, mask!, weights.Tensors, heads, eps, weights.Encoder.PreNorm, activation);
    }

    public void Dispose() => _module.Dispose();
}
