using static TorchSharp.torch;

namespace AltClip.Modeling;

/// <summary>
/// What an encoder gives. Disposing it disposes all its tensors.
/// </summary>
public class BaseModelOutputWithPooling : IDisposable
{
    internal BaseModelOutputWithPooling(Tensor lastHiddenState, Tensor poolerOutput, EncoderStates states)
    {
        LastHiddenState = lastHiddenState;
        PoolerOutput = poolerOutput;
        HiddenStates = states.HiddenStates;
        Attentions = states.Attentions;
    }

    /// <summary>The states after the last layer: [batch, sequence, width].</summary>
    public Tensor LastHiddenState { get; }

    /// <summary>The state of the class token, from which the embedding is projected: [batch, width].</summary>
    public Tensor PoolerOutput { get; }

    /// <summary>The states [batch, sequence, hidden_size] before the first layer and after each; null unless asked for.</summary>
    public IReadOnlyList<Tensor>? HiddenStates { get; }

    /// <summary>Each layer's attention weights [batch, heads, sequence, sequence]; null unless asked for.</summary>
    public IReadOnlyList<Tensor>? Attentions { get; }

    /// <summary>
    /// The outputs that are there, in transformers' order: <see cref="LastHiddenState"/>, <see cref="PoolerOutput"/> (tensors), then
    /// <see cref="HiddenStates"/> and <see cref="Attentions"/> (lists of tensors).
    /// </summary>
    public IReadOnlyList<object> ToTuple()
    {
        List<object> tuple = [LastHiddenState, PoolerOutput];
        if (HiddenStates is not null) tuple.Add(HiddenStates);
        if (Attentions is not null) tuple.Add(Attentions);
        return tuple;
    }

    /// <summary>All tensors, each once.</summary>
    internal IEnumerable<Tensor> Tensors => [LastHiddenState, PoolerOutput, .. HiddenStates ?? [], .. Attentions ?? []];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in Tensors) tensor.Dispose();
        GC.SuppressFinalize(this);
    }
}

/// <summary>What the text encoder gives. Disposing it disposes all its tensors.</summary>
public sealed class BaseModelOutputWithPoolingAndProjection : BaseModelOutputWithPooling
{
    internal BaseModelOutputWithPoolingAndProjection(Tensor projectionState, Tensor poolerOutput, EncoderStates states)
        : base(projectionState, poolerOutput, states)
    {
    }

    /// <summary>
    /// Every token's state after the layer norm and the transformation: [batch, sequence, project_dim]. In AltCLIP this is
    /// <see cref="BaseModelOutputWithPooling.LastHiddenState"/> itself, the same tensor.
    /// </summary>
    public Tensor ProjectionState => LastHiddenState;
}
