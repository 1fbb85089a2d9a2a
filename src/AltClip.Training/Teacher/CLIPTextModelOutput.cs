using AltClip.Modeling;
using static TorchSharp.torch;

namespace AltClip.Training.Teacher;

/// <summary>What <see cref="CLIPTextModelWithProjection"/> gives. Disposing it disposes all its tensors.</summary>
public sealed class CLIPTextModelOutput : IDisposable
{
    internal CLIPTextModelOutput(Tensor textEmbeds, Tensor lastHiddenState, EncoderStates states)
    {
        TextEmbeds = textEmbeds;
        LastHiddenState = lastHiddenState;
        HiddenStates = states.HiddenStates;
        Attentions = states.Attentions;
    }

    /// <summary>The projected states of the end tokens: [batch, projection_dim]. Not normalised.</summary>
    public Tensor TextEmbeds { get; }

    /// <summary>The states after the final layer norm: [batch, sequence, hidden_size].</summary>
    public Tensor LastHiddenState { get; }

    /// <summary>The states [batch, sequence, hidden_size] before the first layer and after each; null unless asked for.</summary>
    public IReadOnlyList<Tensor>? HiddenStates { get; }

    /// <summary>Each layer's attention weights [batch, heads, sequence, sequence]; null unless asked for.</summary>
    public IReadOnlyList<Tensor>? Attentions { get; }

    /// <summary>All tensors, each once.</summary>
    internal IEnumerable<Tensor> Tensors => [TextEmbeds, LastHiddenState, .. HiddenStates ?? [], .. Attentions ?? []];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in Tensors) tensor.Dispose();
    }
}
