using AltClip.Modeling.Adapters;
using AltClip.Modeling.Text;
using static TorchSharp.torch;

namespace AltClip.Training.Losses;

/// <summary>
/// Contrastive training with batches larger than memory (Gao et al., arXiv 2101.06983): the embeddings of the whole batch are computed in
/// chunks and without a graph, then the loss of the whole batch with its gradients by the embeddings, then each chunk again with a graph
/// that carries those gradients to the parameters. Only one chunk's activations live at a time; time grows by one forward pass.
/// </summary>
public static class GradientCache
{
    /// <summary>
    /// Adds to the gradients of the parameters of model and loss those of the loss of a whole batch: what <c>backward</c> of the loss of the
    /// batch's embeddings adds, up to rounding.
    /// </summary>
    /// <param name="model">The model. An encoder without a parameter that requires a gradient runs once only.</param>
    /// <param name="loss">The loss.</param>
    /// <param name="input_ids">Token ids: int64 or int32 [pairs, sequence].</param>
    /// <param name="pixel_values">Normalised pictures: floating point [pairs, channels, height, width]; picture i belongs to text i.</param>
    /// <param name="chunk_size">How many texts, or pictures, go through an encoder at once; the last chunk may have fewer.</param>
    /// <param name="attention_mask">1 for tokens to attend to, 0 for padding: [pairs, sequence], or [pairs, sequence, sequence].</param>
    /// <param name="position_ids">Positions [pairs, sequence] or [1, sequence]; counted from the padding id if not given.</param>
    /// <param name="token_type_ids">Token types [pairs, sequence]; all 0 if not given.</param>
    /// <param name="cancellationToken">
    /// Stops between chunks. Gradients may then have been added in part, so call <c>zero_grad</c> before going on.
    /// </param>
    /// <returns>The loss of the whole batch, a scalar without a gradient; the caller disposes it.</returns>
    /// <remarks>
    /// Dropout is the same in both passes: each chunk has its own seed, drawn from torch's default generator, and both of its passes start
    /// from it. That generator goes on from where the seeds were drawn; those of other devices start from a seed drawn after them. With
    /// dropout the result is therefore not that of the plain batch, which draws other numbers, but one just as random.
    /// </remarks>
    /// <exception cref="ArgumentException">An argument has a wrong type, shape or value; nothing was done.</exception>
    /// <exception cref="InvalidOperationException">The loss is no floating-point scalar, or has no gradient; none was added.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static Tensor Backward(
        AltCLIPModel model, TrainingLoss loss, Tensor input_ids, Tensor pixel_values, int chunk_size, Tensor? attention_mask = null,
        Tensor? position_ids = null, Tensor? token_type_ids = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(chunk_size);
        TextInputs.Checked(model.Config.TextConfig, input_ids, attention_mask, position_ids, token_type_ids);
        model.vision_model.Validate(pixel_values, interpolate_pos_encoding: false);
        if (input_ids.shape[0] != pixel_values.shape[0])
        {
            throw new ArgumentException(
                $"There are {pixel_values.shape[0]} pictures and {input_ids.shape[0]} texts; expected as many.", nameof(pixel_values));
        }

        using var scope = NewDisposeScope();
        using var chunks = new SeededChunks(input_ids.shape[0], chunk_size, cancellationToken);
        var texts = new ChunkedEncoder(chunks, rows => model.get_text_features(
            rows.Of(input_ids), rows.OfOptional(attention_mask), rows.OfOptional(position_ids), rows.OfOptional(token_type_ids)),
            Trains(model.text_model, model.text_projection));
        var pictures = new ChunkedEncoder(chunks, rows => model.get_image_features(rows.Of(pixel_values)),
            Trains(model.vision_model, model.visual_projection));

        var (textEmbeds, imageEmbeds) = (texts.Embed(), pictures.Embed());
        var value = loss.forward(imageEmbeds.ToUnitLength(), textEmbeds.ToUnitLength(), model.logit_scale);
        if (!value.requires_grad)
        {
            throw new InvalidOperationException(
                $"The loss {loss.GetName()} has no gradient; expected one by the embeddings, of a model in which a parameter requires a gradient.");
        }
        value.backward();
        texts.Backward(textEmbeds);
        pictures.Backward(imageEmbeds);
        return scope.MoveToOuter(value.detach());
    }

    /// <summary>
    /// <see cref="Backward"/> with CLIP's loss: adds what <c>model.forward(…, return_loss: true).Loss.backward()</c> adds, up to rounding.
    /// </summary>
    /// <inheritdoc cref="Backward"/>
    public static Tensor ContrastiveBackward(
        AltCLIPModel model, Tensor input_ids, Tensor pixel_values, int chunk_size, Tensor? attention_mask = null, Tensor? position_ids = null,
        Tensor? token_type_ids = null, CancellationToken cancellationToken = default)
    {
        using var loss = new ContrastiveLoss();
        return Backward(model, loss, input_ids, pixel_values, chunk_size, attention_mask, position_ids, token_type_ids, cancellationToken);
    }

    private static bool Trains(params nn.Module[] modules) => modules.Any(LoraLayer.Learns);
}
