using AltClip.Modeling;
using static TorchSharp.torch;

namespace AltClip;

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
