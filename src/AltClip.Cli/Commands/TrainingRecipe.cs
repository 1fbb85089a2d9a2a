using AltClip.Training;
using AltClip.Training.Optimization;

namespace AltClip.Cli.Commands;

/// <summary>What of a model <c>altclip train</c> trains, how fast, and by which optimizer.</summary>
internal sealed record TrainingRecipe
{
    /// <summary>Whether only the last groups of the picture encoder train.</summary>
    public required bool LocksImage { get; init; }

    /// <summary>The same of the text encoder.</summary>
    public required bool LocksText { get; init; }

    /// <summary>How many groups of a locked encoder train.</summary>
    public required int UnlockedGroups { get; init; }

    /// <summary>The factor on the learning rate from a layer to the one before it; null for none.</summary>
    public double? LayerDecay { get; init; }

    /// <summary>The decay of the weights' average; null for none.</summary>
    public double? AverageDecay { get; init; }

    /// <summary>Whether that decay rises from 0.</summary>
    public required bool WarmsAverage { get; init; }

    /// <summary>cosine, constant, cooldown or linear.</summary>
    public required string Schedule { get; init; }

    /// <summary>Which part of the steps, the last, a cooldown takes.</summary>
    public required double Cooldown { get; init; }

    /// <summary>adamw or muon.</summary>
    public required string Optimizer { get; init; }

    /// <summary>The trainer's options with all of it.</summary>
    /// <param name="options">The options without.</param>
    /// <param name="model">The model, for the names of its layers.</param>
    /// <exception cref="UsageException">There aren't so many groups.</exception>
    public TrainerOptions Applied(TrainerOptions options, AltCLIPModel model)
    {
        var (text, image) = (TowerGroups.OfText(model), TowerGroups.OfImage(model));
        foreach (var groups in new[] { LocksText ? text : null, LocksImage ? image : null }.OfType<TowerGroups>())
        {
            if (UnlockedGroups > groups.Groups.Count) throw new UsageException($"--unlocked-groups is {UnlockedGroups}, but an encoder has {groups.Groups.Count} groups.");
        }
        return options with
        {
            Frozen = [.. options.Frozen, .. LocksText ? text.Locked(UnlockedGroups) : [], .. LocksImage ? image.Locked(UnlockedGroups) : []],
            RateScales = LayerDecay is { } decay ? text.RateScales(decay).Concat(image.RateScales(decay)).ToDictionary() : options.RateScales,
            Average = AverageDecay is { } average
                ? new() { Decay = average, UseWarmup = WarmsAverage, UpdateAfterStep = WarmsAverage ? 0 : null } : null,
            Muon = Optimizer == "muon" ? [.. MuonMatrices(model, options.Frozen)] : [],
            Schedule = Rates(options.LearningRate, options.WarmupSteps, options.Steps),
        };
    }

    private Func<long, double> Rates(double rate, long warmup, long steps) => Schedule switch
    {
        "constant" => LearningRates.Constant(rate, warmup),
        "cooldown" => LearningRates.ConstantWithCooldown(rate, warmup, steps, Math.Clamp((long)Math.Round(steps * Cooldown), 1, steps)),
        "linear" => LearningRates.TransformersLinear(rate, warmup, steps),
        _ => LearningRates.Cosine(rate, warmup, steps),
    };

    /// <summary>Muon is for the layers' matrices; one pattern for each encoder of which one trains.</summary>
    private IEnumerable<string> MuonMatrices(AltCLIPModel model, IReadOnlyList<string> frozen)
    {
        var locked = LocksText || LocksImage
            ? (LocksText ? TowerGroups.OfText(model).Locked(UnlockedGroups) : []).Concat(LocksImage ? TowerGroups.OfImage(model).Locked(UnlockedGroups) : []).ToHashSet()
            : [];
        return model.named_parameters()
            .Where(p => p.parameter.dim() == 2 && p.name.Contains(".encoder.layer", StringComparison.Ordinal) && !locked.Contains(p.name)
                && !frozen.Any(pattern => System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(pattern, p.name, ignoreCase: false)))
            .Select(p => p.name);
    }
}
