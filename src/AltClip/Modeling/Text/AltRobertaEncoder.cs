using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Modeling.Text;

/// <summary>The layers of the text encoder.</summary>
internal sealed class AltRobertaEncoder : AltCLIPModule
{
    internal readonly ModuleList<AltRobertaLayer> layer;

    public AltRobertaEncoder(AltCLIPTextConfig config) : base(nameof(AltRobertaEncoder))
    {
        layer = new ModuleList<AltRobertaLayer>([.. Enumerable.Range(0, config.NumHiddenLayers).Select(_ => new AltRobertaLayer(config))]);
        RegisterComponents();
    }

    /// <summary>Takes <paramref name="hidden_states"/> over.</summary>
    /// <param name="hidden_states">Embeddings: [batch, sequence, hidden_size].</param>
    /// <param name="inputs">What all layers attend with.</param>
    /// <param name="head_masks">For each layer a factor [1, heads, 1, 1] on its attention weights, or null.</param>
    /// <param name="states">Collects what the call is to return of the way.</param>
    public Tensor forward(Tensor hidden_states, TextAttentionInputs inputs, Tensor[]? head_masks, EncoderStates states) =>
        head_masks is null && inputs.EncoderHiddenStates is null
            ? states.Run(hidden_states, [.. layer], [inputs.Mask], (module, input, shared) => module.forward(input, null, inputs with { Mask = shared[0] }))
            : states.Run(hidden_states, [.. layer], (module, i, input) => module.forward(input, head_masks?[i], inputs));
}
