using AltClip.Configuration;
using AltClip.Modeling.Text;
using AltClip.Modeling.Vision;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Inference;

/// <summary>The layers of one encoder as the list of tensors that <c>Archive/Encoder.py</c> describes.</summary>
internal sealed class EncoderWeights : IDisposable
{
    private readonly List<Tensor> _tensors = [];
    private Tensor[] _packed = [];

    private EncoderWeights(int heads, double eps, bool preNorm, FusedActivation activation) =>
        (Heads, Eps, PreNorm, Activation) = (heads, eps, preNorm, activation.Code);

    /// <summary>In the order that the code wants; an array because TorchSharp passes no other list.</summary>
    public Tensor[] Tensors => _packed;

    public int Heads { get; }

    public double Eps { get; }

    /// <summary>Whether layer norms come before attention and feed-forward part (image), or after (text).</summary>
    public bool PreNorm { get; }

    public int Activation { get; }

    public static EncoderWeights Of(AltCLIPEncoder encoder, AltCLIPVisionConfig config, EncoderKernels kernels, bool release) => Pack(
        encoder.layers, kernels, release, config.NumAttentionHeads, config.LayerNormEps, preNorm: true, config.HiddenAct,
        EncoderLayerParts.Of);

    public static EncoderWeights Of(AltRobertaEncoder encoder, AltCLIPTextConfig config, EncoderKernels kernels, bool release) => Pack(
        encoder.layer, kernels, release, config.NumAttentionHeads, config.LayerNormEps, preNorm: false, config.HiddenAct,
        EncoderLayerParts.Of);

    public void Dispose()
    {
        foreach (var tensor in _tensors) tensor.Dispose();
    }

    private static EncoderWeights Pack<TLayer>(
        ModuleList<TLayer> layers, EncoderKernels kernels, bool release, int heads, double eps, bool preNorm, ActivationFunction activation,
        Func<TLayer, EncoderLayerParts> parts) where TLayer : nn.Module
    {
        var fused = FusedActivation.Get(activation);
        var weights = new EncoderWeights(heads, eps, preNorm, fused);
        try
        {
            for (var i = 0; i < layers.Count; i++)
            {
                weights.Add(parts(layers[i]), kernels, fused, last: i == layers.Count - 1);
                if (release) layers[i].Dispose();
            }
            weights._packed = [.. weights._tensors];
            return weights;
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    private void Add(EncoderLayerParts layer, EncoderKernels kernels, FusedActivation activation, bool last)
    {
        using var scope = NewDisposeScope();
        kernels.AddNorm(_tensors, layer.Norm1);
        kernels.AddNorm(_tensors, layer.Norm2);
        var scale = 1 / Math.Sqrt(layer.Query.weight!.shape[0] / Heads);
        var (query, queryBias) = (layer.Query.weight * scale, layer.Query.bias! * scale);
        if (last)
        {
            kernels.AddProduct(_tensors, query, queryBias);
            kernels.AddProduct(_tensors, cat([layer.Key.weight!, layer.Value.weight!]), cat([layer.Key.bias!, layer.Value.bias!]));
        }
        else
        {
            kernels.AddProduct(
                _tensors, cat([query, layer.Key.weight!, layer.Value.weight!]), cat([queryBias, layer.Key.bias!, layer.Value.bias!]));
        }
        kernels.AddProduct(_tensors, layer.Output.weight!, layer.Output.bias!);
        kernels.AddProduct(_tensors, layer.Widen.weight!, layer.Widen.bias! * activation.Inside, factor: activation.Inside);
        kernels.AddProduct(_tensors, layer.Narrow.weight!, layer.Narrow.bias!, factor: 1 / activation.Inside);
    }
}
