using AltClip.Shared;
using AltClip.Training.Losses;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Training.Distributed;

/// <summary>
/// A loss of the batches of all processes together: each embeds its own pairs, and the embeddings are gathered with their gradients, as
/// open_clip's <c>--gather-with-grad</c> does. The mean over processes of the parameters' gradients, which a <c>Trainer</c> takes,
/// is the gradient of the whole batch in one process.
/// </summary>
/// <remarks>
/// All that the processes tell each other they tell while the loss is computed, so that a process that ends is an exception here and no fault
/// inside of <c>backward</c>: the loss's own gradient by the embeddings is taken at once, summed over processes, and handed on by what is
/// returned. Gradient caching and accumulation work with it as with any loss.
/// </remarks>
public sealed class GatheredLoss : TrainingLoss
{
    private readonly TrainingLoss _loss;
    private readonly ProcessGroup _group;
    private readonly bool _local;

    /// <summary>Makes the loss of all processes' pairs.</summary>
    /// <param name="loss">The loss of a whole batch. It stays the caller's, and its parameters keep their names.</param>
    /// <param name="group">The processes; they stay the caller's.</param>
    /// <param name="local">
    /// Whether each process compares only its own pairs with all, as open_clip's <c>--local-loss</c> does, and not all with all. The
    /// gradient is the same; the work is less.
    /// </param>
    /// <exception cref="ArgumentException">It is to be local, and the loss has no such form.</exception>
    public GatheredLoss(TrainingLoss loss, ProcessGroup group, bool local = false) : base((loss ?? throw new ArgumentNullException(nameof(loss))).GetName())
    {
        ArgumentNullException.ThrowIfNull(group);
        if (local && !loss.HasLocalForm) throw new ArgumentException($"The loss {loss.GetName()} has no local form; expected one that has.", nameof(local));
        (_loss, _group, _local) = (loss, group, local);
    }

    /// <inheritdoc/>
    public override bool HasLocalForm => false;

    /// <inheritdoc/>
    public override IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true) => recurse ? _loss.named_parameters() : [];

    /// <inheritdoc/>
    public override IEnumerable<Parameter> parameters(bool recurse = true) => recurse ? _loss.parameters() : [];

    /// <inheritdoc/>
    public override void train(bool train = true)
    {
        base.train(train);
        _loss.train(train);
    }

    /// <inheritdoc/>
    public override void eval() => train(false);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor imageEmbeds, Tensor textEmbeds, Tensor logitScale)
    {
        var rows = new GatheredRows(_group, imageEmbeds.shape[0]);
        var width = imageEmbeds.shape[1];
        // One message for both.
        using var gathered = rows.Gather(cat([imageEmbeds.detach(), textEmbeds.detach()], 1));
        var images = gathered.slice(1, 0, width, 1).clone().requires_grad_(is_grad_enabled());
        var texts = gathered.slice(1, width, 2 * width, 1).clone().requires_grad_(is_grad_enabled());
        var value = _local
            ? _loss.Local(images, texts, logitScale, rows.First, rows.Count).Times(rows.LocalWeight)
            : _loss.forward(images, texts, logitScale);
        return value.requires_grad ? WithGradients(value, rows, imageEmbeds, textEmbeds, images, texts, logitScale) : value;
    }

    /// <inheritdoc/>
    protected override void RegisterComponents()
    {
        // Nothing: TorchSharp would take every module in a field, and dispose it with this.
    }

    /// <summary>The value, with the gradients that it has by now in place of those that it would have.</summary>
    private Tensor WithGradients(
        Tensor value, GatheredRows rows, Tensor imageEmbeds, Tensor textEmbeds, Tensor images, Tensor texts, Tensor logitScale)
    {
        List<Tensor> inputs = [images, texts, .. _loss.parameters().Append(logitScale).Where(input => input.requires_grad)];
        var gradients = autograd.grad([value], inputs, allow_unused: true);
        // Of the gathered embeddings every process has a gradient, whose sum belongs to who embedded them.
        var both = cat([OrZeros(gradients[0], images), OrZeros(gradients[1], texts)], 1);
        _group.AllReduce(both);
        var (own, width) = (rows.Own(both), imageEmbeds.shape[1]);
        var result = value.detach()
            .Plus(Zero(imageEmbeds, own.slice(1, 0, width, 1))).Plus(Zero(textEmbeds, own.slice(1, width, 2 * width, 1)));
        for (var i = 2; i < inputs.Count; i++)
            if (gradients[i] is { } gradient) result = result.Plus(Zero(inputs[i], gradient));
        return result;
    }

    // Is 0, and has this gradient.
    private static Tensor Zero(Tensor input, Tensor gradient) => ((input - input.detach()) * gradient).sum();

    private static Tensor OrZeros(Tensor? gradient, Tensor input) => gradient ?? zeros_like(input);
}
