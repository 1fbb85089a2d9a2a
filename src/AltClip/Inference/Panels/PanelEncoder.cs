using AltClip.Modeling.Text;
using AltClip.Modeling.Vision;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Inference.Panels;

/// <summary>
/// All layers of an encoder on <see cref="PanelKernels"/>, without libtorch between them. States between products are float32 in every
/// precision. libtorch's own threads must have nothing to do shortly before: they wait for more without sleeping, on the processors that the
/// team needs.
/// </summary>
internal sealed unsafe class PanelEncoder : IDisposable
{
    private readonly List<PanelLayer> _layers = [];

    private PanelEncoder(PanelWorkspace workspace) => Workspace = workspace;

    public PanelWorkspace Workspace { get; }

    /// <summary>Packs the text encoder's layers.</summary>
    public static PanelEncoder Of(AltRobertaEncoder encoder, AltCLIPTextConfig config, PanelNumbers numbers, bool release) => Pack(
        encoder.layer, EncoderLayerParts.Of, config.HiddenSize, config.IntermediateSize,
        new PanelAttention(config.NumAttentionHeads, config.HiddenSize, PanelNumbers.Float32), release,
        (layer, last) => new PanelLayer(layer, config.NumAttentionHeads, config.LayerNormEps, numbers, PanelEnd.Gelu, preNorm: false, last));

    /// <summary>Packs the image encoder's layers. Sequences as long as pictures' make attention's own products count.</summary>
    public static PanelEncoder Of(AltCLIPEncoder encoder, AltCLIPVisionConfig config, PanelNumbers numbers, PanelNumbers attention, bool release) => Pack(
        encoder.layers, EncoderLayerParts.Of, config.HiddenSize, config.IntermediateSize,
        new PanelAttention(config.NumAttentionHeads, config.HiddenSize, attention), release,
        (layer, last) => new PanelLayer(layer, config.NumAttentionHeads, config.LayerNormEps, numbers, PanelEnd.QuickGelu, preNorm: true, last));

    /// <summary>Whether the processor, the device and the widths are ones that panels are made for.</summary>
    public static bool IsMadeFor(AltCLIPModel model, PanelNumbers numbers, params ReadOnlySpan<int> widths)
    {
        foreach (var width in widths)
        {
            if (width % PanelKernels.Columns != 0) return false;
        }
        return model.logit_scale.device.type == DeviceType.CPU && PanelKernels.IsSupported(numbers) && PanelKernels.IsSupported(PanelNumbers.Float32);
    }

    /// <summary>Runs all layers on the workspace's states, which become those of first tokens: [sequences, width].</summary>
    public void Run(PanelSequence[] sequences, float* mask)
    {
        foreach (var layer in _layers) layer.Run(Workspace, sequences, mask);
    }

    public void Dispose()
    {
        foreach (var layer in _layers) layer.Dispose();
        Workspace.Dispose();
    }

    private static PanelEncoder Pack<TLayer>(
        ModuleList<TLayer> layers, Func<TLayer, EncoderLayerParts> parts, int width, int intermediate, PanelAttention attention,
        bool release, Func<EncoderLayerParts, bool, PanelLayer> pack) where TLayer : nn.Module
    {
        var encoder = new PanelEncoder(new PanelWorkspace(width, intermediate, attention));
        for (var i = 0; i < layers.Count; i++)
        {
            encoder._layers.Add(pack(parts(layers[i]), i == layers.Count - 1));
            if (release) layers[i].Dispose();
        }
        return encoder;
    }
}
