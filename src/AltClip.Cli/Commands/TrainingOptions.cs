using System.CommandLine;
using System.Globalization;
using AltClip.Training.Losses;
using TorchSharp;

namespace AltClip.Cli.Commands;

/// <summary>The options of <c>altclip train</c> that say how it trains.</summary>
internal sealed class TrainingOptions
{
    private readonly Option<long?> _steps = new("--steps") { Description = "How many times the weights are updated.", HelpName = "N" };
    private readonly Option<double?> _epochs = new("--epochs", "-e") { Description = "How often each picture is seen, where --steps is not given. Default: 1.", HelpName = "N" };
    private readonly Option<int> _batchSize = Number("--batch-size", "The pictures of a batch, each compared with the captions of all.", 64, "-b");
    private readonly Option<int> _accumulate = Number("--accumulate", "How many batches make one step.", 1);
    private readonly Option<double> _learningRate = Number("--learning-rate", "The learning rate after the warm-up; see --schedule.", 1e-5, "-r");
    private readonly Option<double> _warmup = Number("--warmup", "The part of the steps in which the learning rate rises, 0 to 1.", 0.1);
    private readonly Option<double> _weightDecay = Number("--weight-decay", "AdamW's weight decay of matrices.", 0.2);
    private readonly TextsOption _freeze = new("--freeze")
    {
        Description = "Names of parameters that don't train, * for any characters: \"vision_model.*\" \"visual_projection.*\" freeze the image encoder.",
        HelpName = "PATTERN",
    };
    private readonly TrainingLosses _losses;
    private readonly Option<string> _loss = new("--loss") { Description = "What training makes small.", DefaultValueFactory = _ => ContrastiveLoss.Name };
    private readonly Option<string> _precision = new("--precision", "-p")
    {
        Description = "The numbers to compute in; weights and the optimizer's state stay float32.",
        DefaultValueFactory = _ => "float32",
    };
    private readonly DeviceOption _device = new();
    private readonly Option<bool> _gradientCheckpointing = new("--gradient-checkpointing") { Description = "Needs less memory, for a third more time." };
    private readonly Option<long> _checkpointEvery = Number("--checkpoint-every", "After how many steps each a checkpoint is written.", 500L);
    private readonly Option<double> _checkpointMinutes = Number("--checkpoint-minutes", "After how many minutes one is written too, so that a killed job loses no more.", 5.0);
    private readonly Option<int?> _gradientCache = new("--gradient-cache")
    {
        Description = "Compute a batch in chunks of so many pairs, with the gradients of the whole: batches larger than memory, for a forward pass more.",
        HelpName = "CHUNK",
    };
    private readonly Option<string> _augment = new("--augment") { Description = "Random changes of the pictures.", DefaultValueFactory = _ => Augmentations.None };
    private readonly Option<bool> _tensorBoard = new("--tensorboard") { Description = "Write events for TensorBoard too, in the folder tensorboard beside the log." };
    private readonly Option<bool> _override = new("--override") { Description = "With --resume: go on though data, model, adapters, teacher, batch size, processes, seed, learning rate, optimizer, loss, augmentation, or what is measured for --keep-best or --patience are others." };
    private readonly RecipeOptions _recipe = new();
    private readonly Option<long> _seed = Number("--seed", "What everything random follows from.", 0L);

    /// <param name="losses">The losses to choose from.</param>
    public TrainingOptions(TrainingLosses losses)
    {
        _losses = losses;
        _loss.HelpName = string.Join('|', losses.Names);
        _loss.AcceptOnlyFromAmong([.. losses.Names]);
        _precision.AcceptOnlyFromAmong("float32", "bfloat16");
        _augment.AcceptOnlyFromAmong(Augmentations.Names);
    }

    /// <summary>Whether pictures that can't be read are left out.</summary>
    public Option<bool> SkipUnreadable { get; } = new("--skip-unreadable") { Description = "Leave out pictures that can't be read and lines without a caption, instead of ending." };

    public void AddTo(Command command)
    {
        Option[] all =
        [
            _steps, _epochs, _batchSize, _accumulate, _learningRate, _warmup, _weightDecay, _freeze, _loss, _precision, _device,
            _gradientCheckpointing, _gradientCache, _augment, _checkpointEvery, _checkpointMinutes, _seed, _tensorBoard, _override, SkipUnreadable,
        ];
        foreach (var option in all) command.Add(option);
        _recipe.AddTo(command);
    }

    /// <summary>Refuses values out of range by their option's name, before any work.</summary>
    /// <param name="parsed">What was typed.</param>
    /// <param name="trainsAdapters">Whether adapters train.</param>
    /// <param name="hasTeacher">Whether each text has a goal of its own, and none is compared with the others.</param>
    /// <exception cref="UsageException">One is.</exception>
    public void Check(ParseResult parsed, bool trainsAdapters, bool hasTeacher)
    {
        _recipe.Check(parsed, trainsAdapters);
        Positive(_checkpointMinutes, parsed.GetValue(_checkpointMinutes));
        Positive(_gradientCache, parsed.GetValue(_gradientCache) ?? 1);
        if (parsed.GetValue(_gradientCache) is not null && parsed.GetValue(_accumulate) > 1)
            throw new UsageException("--gradient-cache and --accumulate can't be given both; a larger --batch-size does what both would.");
        if (parsed.GetValue(_batchSize) == 1 && !hasTeacher && parsed.GetValue(_loss) is (ContrastiveLoss.Name or SigmoidLoss.Name))
            throw new UsageException($"--batch-size is 1, but --loss {parsed.GetValue(_loss)} compares the pairs of a batch; expected 2 at least.");
        if (parsed.GetValue(_steps) is not null && parsed.GetValue(_epochs) is not null) throw new UsageException("--steps and --epochs can't be given both.");
        Positive(_steps, parsed.GetValue(_steps) ?? 1);
        Positive(_epochs, parsed.GetValue(_epochs) ?? 1);
        Positive(_batchSize, parsed.GetValue(_batchSize));
        Positive(_accumulate, parsed.GetValue(_accumulate));
        Positive(_learningRate, parsed.GetValue(_learningRate));
        Positive(_checkpointEvery, parsed.GetValue(_checkpointEvery));
        if (parsed.GetValue(_warmup) is not (>= 0 and <= 1)) throw new UsageException("--warmup: expected a part of the steps, 0 to 1.");
        if (parsed.GetValue(_weightDecay) is not >= 0) throw new UsageException("--weight-decay: expected 0 or more.");
    }

    /// <inheritdoc cref="DeviceOption.CheckFor(ParseResult, int)"/>
    public void CheckDeviceFor(ParseResult parsed, int processes) => _device.CheckFor(parsed, processes);

    /// <inheritdoc cref="DeviceOption.Read"/>
    public torch.Device? Device(ParseResult parsed, int? localRank) => _device.Read(parsed, localRank);

    /// <param name="parsed">What was typed.</param>
    /// <param name="processes">How many processes train together.</param>
    /// <param name="hasTeacher">Whether the loss is a teacher's.</param>
    public TrainingSettings Read(ParseResult parsed, int processes, bool hasTeacher) => new()
    {
        Recipe = _recipe.Read(parsed),
        GradientCache = parsed.GetValue(_gradientCache),
        Augmentation = parsed.GetRequiredValue(_augment),
        CheckpointInterval = TimeSpan.FromMinutes(Math.Min(parsed.GetValue(_checkpointMinutes), TimeSpan.MaxValue.TotalMinutes / 2)),
        TensorBoard = parsed.GetValue(_tensorBoard),
        Overrides = parsed.GetValue(_override),
        Fixed = Fixed(parsed, processes, hasTeacher),
        CreateLoss = () => _losses.Create(parsed.GetRequiredValue(_loss)),
        Steps = parsed.GetValue(_steps),
        Epochs = parsed.GetValue(_epochs) ?? 1,
        BatchSize = parsed.GetValue(_batchSize),
        Accumulate = parsed.GetValue(_accumulate),
        LearningRate = parsed.GetValue(_learningRate),
        Warmup = parsed.GetValue(_warmup),
        WeightDecay = parsed.GetValue(_weightDecay),
        Frozen = parsed.GetValue(_freeze) ?? [],
        IsMixedPrecision = parsed.GetValue(_precision) == "bfloat16",
        GradientCheckpointing = parsed.GetValue(_gradientCheckpointing),
        CheckpointEvery = parsed.GetValue(_checkpointEvery),
        Seed = parsed.GetValue(_seed),
        SkipUnreadable = parsed.GetValue(SkipUnreadable),
    };

    private Dictionary<string, string> Fixed(ParseResult parsed, int processes, bool hasTeacher) => new()
    {
        [_batchSize.Name] = Text(parsed.GetValue(_batchSize)),
        [_accumulate.Name] = Text(parsed.GetValue(_accumulate)),
        [_seed.Name] = Text(parsed.GetValue(_seed)),
        [_learningRate.Name] = Text(parsed.GetValue(_learningRate)),
        ["--optimizer"] = _recipe.Read(parsed).Optimizer,
        // Each has batches of that size, so that another number is another run.
        ["--processes"] = Text(processes),
        [_loss.Name] = hasTeacher ? "that of the teacher" : parsed.GetRequiredValue(_loss),
        [_augment.Name] = parsed.GetRequiredValue(_augment),
    };

    private static string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);

    private static Option<T> Number<T>(string name, string description, T value, params string[] aliases) =>
        new(name, aliases) { Description = description, HelpName = "N", DefaultValueFactory = _ => value };

    private static void Positive(Option option, double value)
    {
        if (value is not (> 0 and < double.PositiveInfinity)) throw new UsageException($"{option.Name}: expected a number above zero.");
    }
}
