using static TorchSharp.torch;

namespace AltClip;

/// <summary>What <see cref="AltCLIPInference"/> gives for texts and pictures. Disposing it disposes all its tensors.</summary>
public sealed class AltCLIPInferenceOutput : IDisposable
{
    internal AltCLIPInferenceOutput(Tensor logitsPerImage, Tensor logitsPerText, Tensor textEmbeds, Tensor imageEmbeds)
    {
        LogitsPerImage = logitsPerImage;
        LogitsPerText = logitsPerText;
        TextEmbeds = textEmbeds;
        ImageEmbeds = imageEmbeds;
    }

    /// <summary>Scaled cosine similarities: float32 [pictures, texts]. Their softmax over the texts gives the probability of each label.</summary>
    public Tensor LogitsPerImage { get; }

    /// <summary>Scaled cosine similarities: float32 [texts, pictures].</summary>
    public Tensor LogitsPerText { get; }

    /// <summary>Text embeddings of length one: float32 [texts, projection_dim].</summary>
    public Tensor TextEmbeds { get; }

    /// <summary>Image embeddings of length one: float32 [pictures, projection_dim].</summary>
    public Tensor ImageEmbeds { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        LogitsPerImage.Dispose();
        LogitsPerText.Dispose();
        TextEmbeds.Dispose();
        ImageEmbeds.Dispose();
    }
}
