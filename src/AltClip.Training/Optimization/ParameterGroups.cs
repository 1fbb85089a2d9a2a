using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Training.Optimization;

/// <summary>Groups a model's parameters for TorchSharp's <c>optim.AdamW</c>.</summary>
/// <example>
/// <code>
/// foreach (var (name, parameter) in model.named_parameters())
///     parameter.requires_grad = !name.StartsWith("vision_model.");
/// using var optimizer = torch.optim.AdamW(ParameterGroups.ForAdamW(model, weight_decay: 0.2), lr: 1e-4, beta1: 0.9, beta2: 0.98, eps: 1e-6);
/// </code>
/// </example>
public static class ParameterGroups
{
    /// <summary>
    /// Two groups, as CLIP trains (arXiv 2103.00020, section 2.5): matrices, embeddings and convolutions decay; what has fewer than two
    /// dimensions (biases, layer norms, the class embedding, the logit scale) doesn't. Frozen parameters are in neither.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="weight_decay">The decay of the first group; at least 0.</param>
    /// <param name="decay_all">Whether the second group decays as the first.</param>
    /// <returns>The groups that have a parameter. All but the decay they leave to the optimizer's own arguments.</returns>
    /// <exception cref="ArgumentException">The decay is negative, or no parameter requires a gradient.</exception>
    public static IReadOnlyList<AdamW.ParamGroup> ForAdamW(nn.Module model, double weight_decay, bool decay_all = false)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfNegative(weight_decay);
        var trained = model.parameters().Where(parameter => parameter.requires_grad).ToList();
        if (trained.Count == 0) throw new ArgumentException("No parameter requires a gradient; expected one at least.", nameof(model));
        return Of(trained, weight_decay, decay_all);
    }

    /// <summary>The same groups of parameters that all train.</summary>
    internal static IReadOnlyList<AdamW.ParamGroup> Of(IEnumerable<Parameter> trained, double weightDecay, bool decayAll) =>
    [
        .. trained.GroupBy(parameter => parameter.dim() >= 2).Select(group =>
            new AdamW.ParamGroup([.. group], new AdamW.Options { weight_decay = group.Key || decayAll ? weightDecay : 0 })),
    ];
}
