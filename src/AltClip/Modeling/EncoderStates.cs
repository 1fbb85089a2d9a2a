using AltClip.Modeling.Adapters;
using static TorchSharp.torch;

namespace AltClip.Modeling;

/// <summary>What an encoder's layers left on the way: hidden states and attention weights, each only if asked for.</summary>
internal sealed class EncoderStates(bool hiddenStates, bool attentions)
{
    private readonly List<Tensor>? _hiddenStates = hiddenStates ? [] : null;
    private readonly List<Tensor>? _attentions = attentions ? [] : null;

    public IReadOnlyList<Tensor>? HiddenStates => _hiddenStates;

    public IReadOnlyList<Tensor>? Attentions => _attentions;

    public bool WantsAttentions => _attentions is not null;

    /// <summary>
    /// Runs the layers one after the other over <paramref name="states"/> [batch, sequence, width], which it takes over: it is disposed,
    /// or kept as the first hidden state. What is returned is never one of the kept tensors.
    /// </summary>
    public Tensor Run<TLayer>(Tensor states, IReadOnlyList<TLayer> layers, Func<TLayer, int, Tensor, (Tensor States, Tensor? Attention)> forward)
        where TLayer : AltCLIPModule
    {
        for (var i = 0; i < layers.Count; i++)
        {
            LayerCancellation.ThrowIfCancelled();
            var (next, attention) = forward(layers[i], i, states);
            if (attention is not null) _attentions!.Add(attention);
            KeepOrDispose(states);
            states = next;
        }
        _hiddenStates?.Add(states.alias());
        return states;
    }

    /// <summary>
    /// The same with gradient checkpointing, where the layers are to have it and nothing on the way is kept. What all layers
    /// <paramref name="shared"/> comes back as an argument, because the caller's tensors may be gone when the layers run again.
    /// </summary>
    public Tensor Run<TLayer>(
        Tensor states, IReadOnlyList<TLayer> layers, IReadOnlyList<Tensor> shared,
        Func<TLayer, Tensor, IReadOnlyList<Tensor>, (Tensor States, Tensor? Attention)> forward)
        where TLayer : AltCLIPModule
    {
        if (_hiddenStates is not null || _attentions is not null || !is_grad_enabled() || !layers.Any(Checkpoints))
            return Run(states, layers, (layer, _, input) => forward(layer, input, shared));
        using (states) return CheckpointedLayers.Run(states, layers.Count, shared, (i, input, inputs) => forward(layers[i], input, inputs).States);
    }

    private static bool Checkpoints(AltCLIPModule layer) =>
        layer is { GradientCheckpointing: true, training: true } && LoraLayer.Learns(layer);

    private void KeepOrDispose(Tensor states)
    {
        if (_hiddenStates is not null) _hiddenStates.Add(states);
        else states.Dispose();
    }

    /// <summary>All kept tensors.</summary>
    public IEnumerable<Tensor> Tensors => [.. _hiddenStates ?? [], .. _attentions ?? []];
}
