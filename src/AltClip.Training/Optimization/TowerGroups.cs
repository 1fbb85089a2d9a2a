using System.Text.RegularExpressions;

namespace AltClip.Training.Optimization;

/// <summary>
/// The parameters of an encoder in groups from its input to its output: first the embeddings, then each layer (the last with the norm after it),
/// then the head. They say what stays when only the last groups are to train (LiT, arXiv 2111.07991; the picture encoder's are those of
/// open_clip's <c>lock_image_tower</c>), and how much slower a layer learns the nearer it is to the input (BEiT, arXiv 2106.08254; timm's
/// <c>param_groups_layer_decay</c>).
/// </summary>
/// <example>
/// <code>
/// var (text, image) = (TowerGroups.OfText(model), TowerGroups.OfImage(model));
/// var options = new TrainerOptions { Steps = 1_000, Frozen = image.Locked(unlocked: 2), RateScales = text.RateScales(0.65) };
/// </code>
/// </example>
public sealed partial class TowerGroups
{
    private readonly IReadOnlyList<IReadOnlyList<string>> _groups;

    private TowerGroups(AltCLIPModel model, int layers, Func<string, int, int?> groupOf)
    {
        var names = model.named_parameters().Select(p => (p.name, Group: groupOf(p.name, layers))).Where(p => p.Group is not null)
            .ToLookup(p => p.Group!.Value, p => p.name);
        _groups = [.. Enumerable.Range(0, layers + 2).Select(group => (IReadOnlyList<string>)[.. names[group]])];
    }

    /// <summary>The names of each group's parameters, from input to output: the encoder's layers and two more.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Groups => _groups;

    /// <summary>The groups of the text encoder. Its head is <c>transformation</c> and <c>text_projection</c>.</summary>
    /// <param name="model">The model.</param>
    public static TowerGroups OfText(AltCLIPModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new(model, model.Config.TextConfig.NumHiddenLayers, (name, layers) =>
            name.StartsWith("text_projection.", StringComparison.Ordinal) || name.StartsWith("text_model.transformation.", StringComparison.Ordinal) ? layers + 1
            : name.StartsWith("text_model.pre_LN.", StringComparison.Ordinal) ? layers
            : !name.StartsWith("text_model.", StringComparison.Ordinal) ? null
            : LayerOf(name));
    }

    /// <summary>The groups of the picture encoder. Its head is <c>visual_projection</c>.</summary>
    /// <param name="model">The model.</param>
    public static TowerGroups OfImage(AltCLIPModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new(model, model.Config.VisionConfig.NumHiddenLayers, (name, layers) =>
            name.StartsWith("visual_projection.", StringComparison.Ordinal) ? layers + 1
            : name.StartsWith("vision_model.post_layernorm.", StringComparison.Ordinal) ? layers
            : !name.StartsWith("vision_model.", StringComparison.Ordinal) ? null
            : LayerOf(name));
    }

    /// <summary>What doesn't train, for <c>TrainerOptions.Frozen</c>.</summary>
    /// <param name="unlocked">How many groups, the last ones, train; 0 for none, and at most all.</param>
    /// <exception cref="ArgumentOutOfRangeException">There aren't so many groups.</exception>
    public IReadOnlyList<string> Locked(int unlocked = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(unlocked);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(unlocked, _groups.Count);
        return [.. _groups.Take(_groups.Count - unlocked).SelectMany(names => names)];
    }

    /// <summary>Each parameter's factor on the learning rate, for <c>TrainerOptions.RateScales</c>: 1 for the head, and less the nearer to the input.</summary>
    /// <param name="decay">The factor from a group to the one before it, above 0 and at most 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The factor is out of range.</exception>
    public IReadOnlyDictionary<string, double> RateScales(double decay)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(decay);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(decay, 1);
        return _groups.SelectMany((names, group) => names.Select(name => (name, Scale: Math.Pow(decay, _groups.Count - 1 - group))))
            .ToDictionary(p => p.name, p => p.Scale);
    }

    private static int LayerOf(string name) => Layer().Match(name) is { Success: true } layer ? int.Parse(layer.Groups[1].ValueSpan) + 1 : 0;

    [GeneratedRegex(@"\.encoder\.layers?\.(\d+)\.")]
    private static partial Regex Layer();
}
