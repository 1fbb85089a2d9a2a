using static TorchSharp.torch;

namespace AltClip;

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

/// <summary>What <see cref="AltCLIPModel"/> gives for texts and pictures. Disposing it disposes all its tensors, those of both encoders too.</summary>
public sealed class AltCLIPOutput : IDisposable
{
    internal AltCLIPOutput(
        Tensor? loss, Tensor logitsPerImage, Tensor logitsPerText, Tensor textEmbeds, Tensor imageEmbeds,
        BaseModelOutputWithPoolingAndProjection textModelOutput, BaseModelOutputWithPooling visionModelOutput)
    {
        Loss = loss;
        LogitsPerImage = logitsPerImage;
        LogitsPerText = logitsPerText;
        TextEmbeds = textEmbeds;
        ImageEmbeds = imageEmbeds;
        TextModelOutput = textModelOutput;
        VisionModelOutput = visionModelOutput;
    }

    /// <summary>The symmetric contrastive loss, a scalar; null unless <c>return_loss</c> was true.</summary>
    public Tensor? Loss { get; }

    /// <summary>Scaled cosine similarities: [pictures, texts]. Their softmax over the texts gives the probability of each label.</summary>
    public Tensor LogitsPerImage { get; }

    /// <summary>Scaled cosine similarities: [texts, pictures].</summary>
    public Tensor LogitsPerText { get; }

    /// <summary>Text embeddings of length one: [texts, projection_dim].</summary>
    public Tensor TextEmbeds { get; }

    /// <summary>Image embeddings of length one: [pictures, projection_dim].</summary>
    public Tensor ImageEmbeds { get; }

    /// <summary>The text encoder's own output.</summary>
    public BaseModelOutputWithPoolingAndProjection TextModelOutput { get; }

    /// <summary>The image encoder's own output.</summary>
    public BaseModelOutputWithPooling VisionModelOutput { get; }

    /// <summary>
    /// The outputs that are there, in transformers' order: loss (only if computed), logits per image, logits per text, text embeddings,
    /// image embeddings, then the tuples of the text and of the image encoder.
    /// </summary>
    public IReadOnlyList<object> ToTuple()
    {
        List<object> tuple = [LogitsPerImage, LogitsPerText, TextEmbeds, ImageEmbeds, TextModelOutput.ToTuple(), VisionModelOutput.ToTuple()];
        if (Loss is not null) tuple.Insert(0, Loss);
        return tuple;
    }

    /// <summary>All tensors, each once.</summary>
    internal IEnumerable<Tensor> Tensors =>
        [.. Loss is null ? Array.Empty<Tensor>() : [Loss], LogitsPerImage, LogitsPerText, TextEmbeds, ImageEmbeds,
            .. TextModelOutput.Tensors, .. VisionModelOutput.Tensors];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in Tensors) tensor.Dispose();
    }
}
