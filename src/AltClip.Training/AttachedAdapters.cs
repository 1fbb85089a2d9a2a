using AltClip.Modeling.Adapters;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Training;

/// <summary>Refuses to train where an adapter would silently not learn.</summary>
internal static class AttachedAdapters
{
    /// <summary>Refuses the model under an adapter that learns, given without the adapter.</summary>
    /// <param name="model">What was given to be trained.</param>
    /// <param name="trained">Those of its parameters that train.</param>
    /// <exception cref="ArgumentException">It is one; or nothing trains.</exception>
    public static void RefuseModelAlone(nn.Module model, IReadOnlyCollection<Parameter> trained)
    {
        var given = Handles(model.parameters());
        var adapters = Of(model).Where(layer => !given.Overlaps(Handles(layer.parameters()))).ToList();
        if (adapters.Count > 0 && (trained.Count == 0 || adapters.Any(layer => !layer.IsMerged && layer.parameters().Any(parameter => parameter.requires_grad))))
        {
            throw new ArgumentException(
                $"The model has an adapter at {adapters[0].Name}, whose parameters are not the model's; expected the adapter in place of the model, or one without parameters that require a gradient.",
                nameof(model));
        }
        if (trained.Count == 0) throw new ArgumentException("No parameter requires a gradient, but for those that are frozen; expected one at least.", nameof(model));
    }

    /// <summary>Refuses an adapter that is in the model's weights, which then compute without it.</summary>
    /// <param name="model">What is to be trained.</param>
    /// <param name="trained">Those of its parameters that train.</param>
    /// <exception cref="InvalidOperationException">It has such an adapter.</exception>
    public static void RefuseMerged(nn.Module model, IEnumerable<Parameter> trained)
    {
        var learning = Handles(trained);
        if (Of(model).FirstOrDefault(layer => layer.IsMerged && learning.Overlaps(Handles(layer.parameters()))) is { } merged)
        {
            throw new InvalidOperationException(
                $"The adapter at {merged.Name} is merged into the model's weights, where it gets no gradient; expected one that isn't: {nameof(LoraAdapter.Unmerge)} takes it out.");
        }
    }

    private static IEnumerable<LoraLayer> Of(nn.Module model) => LoraAdapter.ModulesUnder(model).Select(LoraLayer.At).OfType<LoraLayer>();

    private static HashSet<nint> Handles(IEnumerable<Parameter> parameters) => [.. parameters.Select(parameter => parameter.Handle)];
}
