using AltClip.Shared;
using static TorchSharp.torch;

namespace AltClip.Training.Losses;

/// <summary>
/// What training makes small: a loss of a batch's pictures and texts, of their embeddings alone, so that a plain loop, gradient caching and
/// several processes share it. A loss of one's own is a class with <see cref="Compute"/>; to be had by name, it is a line in
/// <see cref="TrainingLosses"/> too. Parameters of its own, such as a bias, it registers as any TorchSharp module does.
/// </summary>
/// <example>
/// <code>
/// using var loss = TrainingLosses.All.Create("contrastive");
/// using var trainer = new Trainer(loss.TrainedWith(model), batch =>
/// {
///     var output = model.forward(Inputs(batch));
///     return loss.forward(output.ImageEmbeds, output.TextEmbeds, model.logit_scale);
/// }, new TrainerOptions { Steps = 1_000 });
/// </code>
/// </example>
public abstract class TrainingLoss : nn.Module
{
    /// <summary>Names the loss.</summary>
    /// <param name="name">The name, as in <see cref="TrainingLosses"/>; TorchSharp's <c>GetName</c> tells it.</param>
    protected TrainingLoss(string name) : base(name)
    {
    }

    /// <summary>Where the model's <c>logit_scale</c> should begin for this loss; null for wherever it is.</summary>
    public virtual double? InitialLogitScale => null;

    /// <summary>Computes the loss.</summary>
    /// <param name="image_embeds">Embeddings of length one: floating point [pairs, width].</param>
    /// <param name="text_embeds">The same of the texts; text i belongs to picture i.</param>
    /// <param name="logit_scale">Natural logarithm of the factor on cosine similarities, a scalar: the model's parameter.</param>
    /// <returns>The loss, a scalar with a gradient; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">The embeddings aren't floating point [pairs, width], as many texts as pictures.</exception>
    /// <exception cref="InvalidOperationException"><see cref="Compute"/> gave no floating-point scalar.</exception>
    public Tensor forward(Tensor image_embeds, Tensor text_embeds, Tensor logit_scale)
    {
        ArgumentNullException.ThrowIfNull(image_embeds);
        ArgumentNullException.ThrowIfNull(text_embeds);
        ArgumentNullException.ThrowIfNull(logit_scale);
        Check.Rank(image_embeds, nameof(image_embeds), "[pairs, width]", 2);
        Check.FloatingPoint(image_embeds, nameof(image_embeds));
        Check.Shape(text_embeds, nameof(text_embeds), "[pairs, width]", image_embeds.shape[0], image_embeds.shape[1]);
        Check.FloatingPoint(text_embeds, nameof(text_embeds));
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(Checked(Compute(image_embeds, text_embeds, logit_scale)));
    }

    /// <summary>What a <c>Trainer</c> is to train: the model, and the loss's own parameters if it has any.</summary>
    /// <param name="model">The model, or its adapter; it stays the caller's, and so does the loss.</param>
    /// <returns>
    /// The model itself if the loss has no parameters; else a module of both, in which parameters of the model have the names that they have
    /// in the model, and those of the loss begin with <c>loss.</c>.
    /// </returns>
    public nn.Module TrainedWith(nn.Module model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return parameters().Any() ? new ModelWithLoss(model, this) : model;
    }

    /// <summary>Whether the loss of some rows of a batch can be had alone, for <c>GatheredLoss</c>: <see cref="ComputeLocal"/>.</summary>
    public virtual bool HasLocalForm => false;

    /// <summary><see cref="ComputeLocal"/>, for who is no derived class.</summary>
    internal Tensor Local(Tensor imageEmbeds, Tensor textEmbeds, Tensor logitScale, long first, long count) =>
        Checked(ComputeLocal(imageEmbeds, textEmbeds, logitScale, first, count));

    /// <summary>
    /// Computes one process's part of the loss: that of its own rows, compared with those of all. The mean over processes with as many rows
    /// each must be the loss of the whole batch. What else it makes is disposed for it.
    /// </summary>
    /// <param name="imageEmbeds">Embeddings of length one, of all processes: [pairs, width].</param>
    /// <param name="textEmbeds">The same of the texts; text i belongs to picture i.</param>
    /// <param name="logitScale">Natural logarithm of the factor on cosine similarities, a scalar.</param>
    /// <param name="first">The first of this process's own rows.</param>
    /// <param name="count">How many are its own.</param>
    /// <returns>A new scalar, with a gradient by the embeddings and by all parameters that are to learn.</returns>
    /// <exception cref="NotSupportedException">The loss has no such form: <see cref="HasLocalForm"/>.</exception>
    protected virtual Tensor ComputeLocal(Tensor imageEmbeds, Tensor textEmbeds, Tensor logitScale, long first, long count) =>
        throw new NotSupportedException($"The loss {GetName()} has no local form.");

    /// <summary>Computes the loss of what was checked. What else it makes is disposed for it.</summary>
    /// <param name="imageEmbeds">Embeddings of length one, [pairs, width].</param>
    /// <param name="textEmbeds">The same of the texts; text i belongs to picture i.</param>
    /// <param name="logitScale">Natural logarithm of the factor on cosine similarities, a scalar.</param>
    /// <returns>A new scalar, with a gradient by the embeddings and by all parameters that are to learn.</returns>
    protected abstract Tensor Compute(Tensor imageEmbeds, Tensor textEmbeds, Tensor logitScale);

    private Tensor Checked(Tensor? value) => LossValue.Checked(value, $"The loss {GetName()}");
}
