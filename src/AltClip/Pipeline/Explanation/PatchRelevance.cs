using AltClip.Modeling;
using AltClip.Shared;
using TorchSharp;
using static TorchSharp.torch;

namespace AltClip.Pipeline.Explanation;

/// <summary>
/// Which patches of a picture make it like a text, by the rule of Chefer, Gur and Wolf for transformers (arXiv 2103.15679, section 3): the attention
/// weights of each layer, weighted by the gradient of the similarity, without what speaks against it and as the mean of the heads, are followed
/// from the class token back through all layers.
/// </summary>
/// <remarks>
/// The numbers say where the model looked for this text, not how sure it is; compare maps of one picture, not numbers of several. It costs a
/// forward pass of the picture, and a backward pass for each text.
/// </remarks>
/// <example>
/// <code>
/// foreach (var found in PatchRelevance.Explain(model, processor, ImageSource.FromFile("desk.jpg"), ["a cup", "a lamp"]))
///     found.SavePng($"{found.Text}.png");
/// </code>
/// </example>
public static class PatchRelevance
{
    /// <summary>Explains a picture's similarity to texts.</summary>
    /// <param name="model">The model, in evaluation mode.</param>
    /// <param name="processor">The processor of the same checkpoint.</param>
    /// <param name="image">The picture.</param>
    /// <param name="texts">The texts, in any language. What is too long for the model is cut.</param>
    /// <param name="cancellationToken">Stops between layers and between texts.</param>
    /// <returns>For each text the picture's patches and how much each of them counts, with the picture as it was read now.</returns>
    /// <exception cref="ArgumentException">There are no texts, or the model is in training mode.</exception>
    /// <exception cref="ImageException">The picture can't be read; the message names it.</exception>
    /// <exception cref="IOException">A picture's file is missing; an <see cref="UnauthorizedAccessException"/> where it may not be read.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public static IReadOnlyList<PictureExplanation> Explain(
        AltCLIPModel model, AltCLIPProcessor processor, ImageSource image, IReadOnlyList<string> texts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(processor);
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(texts);
        image = image.Kept();
        using var scope = NewDisposeScope();
        var options = new AltCLIPProcessorOptions
        {
            Text = new() { Truncation = TruncationStrategy.LongestFirst },
            Device = model.logit_scale.device,
            Dtype = model.logit_scale.dtype,
        };
        using var inputs = processor.Process(texts, [image], options, cancellationToken);
        Tensor embeddings;
        using (no_grad()) embeddings = model.get_text_features(inputs.InputIds!, inputs.AttentionMask, token_type_ids: inputs.TokenTypeIds);
        var (relevance, similarity) = Compute(model, inputs.PixelValues!, embeddings, cancellationToken);
        var config = processor.ImageProcessor.Config;
        var similarities = similarity.ToRows()[0];
        return [.. texts.Select((text, i) => new PictureExplanation(image, config, text, similarities[i], relevance[0, i].ToArray2D()))];
    }

    /// <summary>Says of each patch how much it counts for the similarity to each embedding.</summary>
    /// <param name="model">The model, in evaluation mode.</param>
    /// <param name="pixel_values">Normalised pictures: floating point [pictures, channels, height, width].</param>
    /// <param name="text_embeds">Embeddings of texts, of any length, or other directions of the shared space: floating point [texts, projection_dim].</param>
    /// <param name="cancellationToken">Stops between layers and between texts.</param>
    /// <returns>
    /// Relevance, 0 or more: float32 (float64 for a model of that type) [pictures, texts, rows, columns], rows and columns of patches; and cosine
    /// similarities [pictures, texts]. The caller disposes both.
    /// </returns>
    /// <exception cref="ArgumentException">The model is in training mode, or a tensor has a wrong type or shape.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public static (Tensor Relevance, Tensor Similarity) Compute(
        AltCLIPModel model, Tensor pixel_values, Tensor text_embeds, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(text_embeds);
        if (model.training) throw new ArgumentException("The model is in training mode; expected evaluation mode, for dropout would change what is explained.", nameof(model));
        model.vision_model.Validate(pixel_values, interpolate_pos_encoding: false);
        Check.Shape(text_embeds, nameof(text_embeds), "[texts, projection_dim]", null, model.Config.ProjectionDim);
        using var scope = NewDisposeScope();
        using var cancelling = new LayerCancellation(cancellationToken);
        using var gradients = enable_grad();
        // The gradients that count are those of the attention weights; for them to be there, something before must want one.
        var pixels = pixel_values.detach().requires_grad_(true);
        using var vision = model.vision_model.Forward(pixels, outputAttentions: true, outputHiddenStates: false, interpolate_pos_encoding: false);
        var images = model.visual_projection.Project(vision.PoolerOutput).ToUnitLength();
        var similarity = images.matmul(text_embeds.detach().to(images.dtype).ToUnitLength().t());
        Tensor[] weights = [.. vision.Attentions!];
        List<Tensor> maps = [];
        for (var text = 0L; text < text_embeds.shape[0]; text++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var last = text == text_embeds.shape[0] - 1;
            // Pictures don't meet in the encoder, so that the sum's gradient is that of each.
            var slopes = autograd.grad([similarity.select(1, text).sum()], weights, retain_graph: !last);
            maps.Add(Followed(weights, slopes));
        }
        var (rows, columns) = (pixel_values.shape[2] / model.Config.VisionConfig.PatchSize, pixel_values.shape[3] / model.Config.VisionConfig.PatchSize);
        return (
            scope.MoveToOuter(stack(maps, 1).view(pixel_values.shape[0], maps.Count, rows, columns)),
            scope.MoveToOuter(similarity.detach()));
    }

    /// <summary>
    /// The class token's row of (1 + A_n) … (1 + A_1), where A_i is a layer's weighted attention: [pictures, patches]. From the last layer to the
    /// first, the row alone is enough.
    /// </summary>
    private static Tensor Followed(Tensor[] weights, IList<Tensor> slopes)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var dtype = weights[0].dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32;
        var row = zeros([weights[0].shape[0], 1, weights[0].shape[^1]], dtype, weights[0].device);
        using Scalar one = 1;
        row.select(2, 0).fill_(one);
        for (var layer = weights.Length - 1; layer >= 0; layer--)
        {
            var attention = (weights[layer] * slopes[layer]).AtLeast(0).to(dtype).mean([1]);
            row = row.Plus(row.matmul(attention));
        }
        return scope.MoveToOuter(row.squeeze(1).narrow(1, 1, row.shape[^1] - 1));
    }
}
