using AltClip.Configuration;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Modeling.Vision;

/// <summary>The layers of CLIP's encoders: the image encoder, and the text encoder that teaches.</summary>
internal sealed class AltCLIPEncoder : AltCLIPModule
{
    internal readonly ModuleList<AltCLIPEncoderLayer> layers;

    public AltCLIPEncoder(CLIPEncoderConfig config) : base(nameof(AltCLIPEncoder))
    {
        layers = new ModuleList<AltCLIPEncoderLayer>([.. Enumerable.Range(0, config.NumHiddenLayers).Select(_ => new AltCLIPEncoderLayer(config))]);
        RegisterComponents();
    }

    /// <summary>
    /// Takes <paramref name="inputs_embeds"/> [batch, sequence, hidden_size] over. What <paramref name="mask"/> has is added to the attention
    /// scores [batch, heads, sequence, sequence].
    /// </summary>
    public Tensor forward(Tensor inputs_embeds, Tensor? mask, EncoderStates states) =>
        states.Run(
            inputs_embeds, [.. layers], mask is null ? [] : [mask],
            (layer, input, shared) => layer.forward(input, shared.SingleOrDefault(), states.WantsAttentions));
}
