using System.CommandLine;

namespace AltClip.Cli.Commands;

/// <summary>The options of <c>altclip train</c> that make a <see cref="TrainingRecipe"/>.</summary>
internal sealed class RecipeOptions
{
    private readonly Option<bool> _lockImage = new("--lock-image") { Description = "Train only the last groups of the picture encoder (LiT); see --unlocked-groups." };
    private readonly Option<bool> _lockText = new("--lock-text") { Description = "The same for the text encoder." };
    private readonly Option<int> _unlocked = new("--unlocked-groups")
    {
        Description = "How many groups of a locked encoder train: 1 its head, 2 the last layer too, and so on.",
        HelpName = "N",
        DefaultValueFactory = _ => 0,
    };
    private readonly Option<double?> _layerDecay = new("--layer-decay") { Description = "Each layer learns by this factor slower than the one after it, as 0.75.", HelpName = "FACTOR" };
    private readonly Option<double?> _ema = new("--ema") { Description = "Write, and evaluate, a running average of the weights with this decay, as 0.999.", HelpName = "DECAY" };
    private readonly Option<bool> _emaWarmup = new("--ema-warmup") { Description = "With --ema: the decay rises from 0, for short runs." };
    private readonly Option<string> _schedule = new("--schedule")
    {
        Description = "How the learning rate goes after the warm-up: open_clip's cosine, constant, constant with a cooldown, or transformers' line to 0.",
        DefaultValueFactory = _ => "cosine",
    };
    private readonly Option<double> _cooldown = new("--cooldown")
    {
        Description = "With --schedule cooldown: the part of the steps, the last, in which the rate falls to 0.",
        HelpName = "PART",
        DefaultValueFactory = _ => 0.2,
    };
    private readonly Option<string> _optimizer = new("--optimizer")
    {
        Description = "adamw, or muon for the matrices of the encoders' layers and AdamW for the rest.",
        DefaultValueFactory = _ => "adamw",
    };

    public RecipeOptions()
    {
        _schedule.AcceptOnlyFromAmong("cosine", "constant", "cooldown", "linear");
        _optimizer.AcceptOnlyFromAmong("adamw", "muon");
    }

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _lockImage, _lockText, _unlocked, _layerDecay, _ema, _emaWarmup, _schedule, _cooldown, _optimizer }) command.Add(option);
    }

    /// <summary>Refuses what is out of range or doesn't go together.</summary>
    /// <param name="parsed">What was typed.</param>
    /// <param name="trainsAdapters">Whether adapters train, which have none of the model's parameters.</param>
    /// <exception cref="UsageException">Something is.</exception>
    public void Check(ParseResult parsed, bool trainsAdapters)
    {
        var locks = parsed.GetValue(_lockImage) || parsed.GetValue(_lockText);
        if (parsed.GetValue(_unlocked) < 0) throw new UsageException("--unlocked-groups: expected 0 or more.");
        if (!locks && IsGiven(parsed, _unlocked)) throw new UsageException("--unlocked-groups goes with --lock-image or --lock-text.");
        if (parsed.GetValue(_layerDecay) is not (null or (> 0 and <= 1))) throw new UsageException("--layer-decay: expected a number above 0 and at most 1.");
        if (parsed.GetValue(_ema) is not (null or (>= 0 and < 1))) throw new UsageException("--ema: expected a decay of at least 0 and below 1.");
        if (parsed.GetValue(_ema) is null && parsed.GetValue(_emaWarmup)) throw new UsageException("--ema-warmup goes with --ema.");
        if (parsed.GetValue(_cooldown) is not (> 0 and <= 1)) throw new UsageException("--cooldown: expected a part of the steps, above 0 and at most 1.");
        if (parsed.GetValue(_schedule) != "cooldown" && IsGiven(parsed, _cooldown)) throw new UsageException("--cooldown goes with --schedule cooldown.");
        if (trainsAdapters && (locks || parsed.GetValue(_layerDecay) is not null || parsed.GetValue(_optimizer) == "muon"))
            throw new UsageException("--lock-image, --lock-text, --layer-decay and --optimizer muon are for the model's own weights; they don't go with --lora.");
    }

    public TrainingRecipe Read(ParseResult parsed) => new()
    {
        LocksImage = parsed.GetValue(_lockImage),
        LocksText = parsed.GetValue(_lockText),
        UnlockedGroups = parsed.GetValue(_unlocked),
        LayerDecay = parsed.GetValue(_layerDecay),
        AverageDecay = parsed.GetValue(_ema),
        WarmsAverage = parsed.GetValue(_emaWarmup),
        Schedule = parsed.GetRequiredValue(_schedule),
        Cooldown = parsed.GetValue(_cooldown),
        Optimizer = parsed.GetRequiredValue(_optimizer),
    };

    private static bool IsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };
}
