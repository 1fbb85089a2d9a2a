using System.Globalization;
using AltClip.Modeling;
using AltClip.Training.Distributed;
using AltClip.Training.Optimization;
using static TorchSharp.torch;

namespace AltClip.Training;

/// <summary>How a <see cref="Trainer"/> trains. The defaults are CLIP's where it has one (arXiv 2103.00020, appendix F).</summary>
public sealed record TrainerOptions
{
    /// <summary>How many times the weights are updated.</summary>
    public required long Steps { get; init; }

    /// <summary>The learning rate after the warm-up.</summary>
    public double LearningRate { get; init; } = 5e-4;

    /// <summary>The learning rate that the cosine ends at.</summary>
    public double FinalLearningRate { get; init; }

    /// <summary>In how many steps the learning rate rises to <see cref="LearningRate"/>, by the same amount each.</summary>
    public long WarmupSteps { get; init; }

    /// <summary>
    /// The learning rate of each step, counted from 0, such as <see cref="LearningRates"/> gives: finite, and at least 0. Null for a linear rise
    /// and half a cosine from the three options above, which are not used otherwise.
    /// </summary>
    public Func<long, double>? Schedule { get; init; }

    /// <summary>
    /// State-dict names of parameters and their factors on the learning rate, such as <see cref="TowerGroups.RateScales"/> gives; all others
    /// have 1. Weight decay, which is times the learning rate, has the factor too.
    /// </summary>
    public IReadOnlyDictionary<string, double> RateScales { get; init; } = new Dictionary<string, double>();

    /// <summary>AdamW's decay of the gradients' mean.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>AdamW's decay of the gradients' squares.</summary>
    public double Beta2 { get; init; } = 0.98;

    /// <summary>AdamW's epsilon.</summary>
    public double Epsilon { get; init; } = 1e-6;

    /// <summary>AdamW's weight decay of parameters with two dimensions or more; see <see cref="ParameterGroups.ForAdamW"/>.</summary>
    public double WeightDecay { get; init; } = 0.2;

    /// <summary>Whether parameters of fewer than two dimensions, such as biases and norms, decay too; they don't in CLIP.</summary>
    public bool DecayAll { get; init; }

    /// <summary>
    /// State-dict names of matrices that take Muon's steps and not AdamW's, where <c>*</c> stands for any characters:
    /// <c>*.encoder.layer*</c>. Meant for the linear layers of the encoders, not for embeddings; from nothing they learn in less than half as
    /// many steps then. Learning rate and weight decay are the same as AdamW's. (Jordan et al. 2024; arXiv 2502.16982.)
    /// </summary>
    public IReadOnlyList<string> Muon { get; init; } = [];

    /// <summary>How large Muon's steps are.</summary>
    public MuonScale MuonScale { get; init; }

    /// <summary>
    /// What Muon makes its steps orthogonal in. <see cref="ScalarType.BFloat16"/> is what <c>torch.optim.Muon</c> does, and faster where the
    /// machine has it; directions are then several per cent off.
    /// </summary>
    public ScalarType MuonType { get; init; } = ScalarType.Float32;

    /// <summary>
    /// Has an average of the weights kept, which evaluations measure and <see cref="Trainer.TakeAverage"/> puts into the model; null for none.
    /// </summary>
    public WeightAverageOptions? Average { get; init; }

    /// <summary>The most that the norm of all gradients together may be; larger ones are scaled down to it. Null for no limit.</summary>
    public double? ClipGradientNorm { get; init; } = 1;

    /// <summary>How many batches' mean gradient makes one step.</summary>
    public int Accumulate { get; init; } = 1;

    /// <summary>The most that an <see cref="AltCLIPModel.logit_scale"/> may become; it never becomes less than 0. CLIP's is ln 100.</summary>
    public double MaxLogitScale { get; init; } = Math.Log(100);

    /// <summary>
    /// State-dict names of parameters that don't train, where <c>*</c> stands for any characters: <c>vision_model.*</c> and
    /// <c>visual_projection.*</c> freeze the image tower, as the paper's second stage does. What requires no gradient when the trainer is made
    /// doesn't train either; all others train. While it trains these require no gradient, and afterwards all are as before.
    /// </summary>
    public IReadOnlyList<string> Frozen { get; init; } = [];

    /// <summary>
    /// The type that the model's encoders compute in while it trains, <see cref="ScalarType.BFloat16"/> for mixed precision; null for the
    /// model's own choice. Weights, gradients and AdamW's state keep the weights' type: see <see cref="AltCLIPModule.ComputeType"/>.
    /// </summary>
    public ScalarType? ComputeType { get; init; }

    /// <summary>Whether the model's encoders checkpoint gradients while it trains; see <see cref="AltCLIPModule.GradientCheckpointing"/>.</summary>
    public bool GradientCheckpointing { get; init; }

    /// <summary>
    /// Whether memory that a step's tensors free stays the process's while it trains, for the next step's. Steps take up to a fifth less time,
    /// and the process up to 1.4 times the memory, which it gives back at the end. It concerns tensors on the CPU, where the C library is glibc.
    /// </summary>
    public bool KeepFreedMemory { get; init; } = true;

    /// <summary>
    /// Measures the model on what it doesn't train on, after every <see cref="EvaluateEvery"/> steps; what it returns is better the lower it
    /// is: a loss, or an accuracy with a minus. What is no number ends training by an error. The model is in evaluation mode then and there are
    /// no gradients; tensors that it makes are disposed.
    /// </summary>
    public Func<double>? Evaluate { get; init; }

    /// <summary>After how many steps each <see cref="Evaluate"/> is asked.</summary>
    public long EvaluateEvery { get; init; } = 100;

    /// <summary>After how many evaluations in a row without a new best training stops early; null for never.</summary>
    public int? Patience { get; init; }

    /// <summary>The file for the checkpoint of the best evaluation; null for none. <see cref="Trainer.LoadBest"/> takes the weights from it.</summary>
    public string? BestCheckpointFile { get; init; }

    /// <summary>Batch n is computed after seeding torch with this number plus n, so that a run repeats itself on one machine.</summary>
    public long Seed { get; init; }

    /// <summary>The file for checkpoints, a safetensors file in a folder that is made if it isn't there; null for none.</summary>
    public string? CheckpointFile { get; init; }

    /// <summary>After how many steps each a checkpoint is written; one is written at the end in any case.</summary>
    public long CheckpointEvery { get; init; } = 1000;

    /// <summary>After how much time a checkpoint is written too, whatever the steps; null for never. Five minutes if not said.</summary>
    public TimeSpan? CheckpointInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// What else makes the run what it is, such as its data and batch size. It is written into checkpoints, and <see cref="Trainer.Resume"/>
    /// refuses one that says otherwise.
    /// </summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// The processes that train this model together; null for this one alone. All start from rank 0's weights and checkpoint, and take the
    /// mean of their gradients, which is then clipped. Rank 0 evaluates, writes checkpoints and is told the progress. Each process must give
    /// batches of its own, as <see cref="Data.BatchLoaderOptions.Rank"/> does, and a loss that compares across them is a
    /// <see cref="GatheredLoss"/>.
    /// </summary>
    public ProcessGroup? ProcessGroup { get; init; }

    /// <summary>The learning rate of a step: <see cref="Schedule"/>'s, or a linear rise, then half a cosine.</summary>
    /// <param name="step">How many steps were taken before, at least 0 and below <see cref="Steps"/>.</param>
    public double LearningRateAt(long step) => (Schedule ?? LearningRates.Cosine(LearningRate, WarmupSteps, Steps, FinalLearningRate))(step);

    /// <summary><see cref="LearningRateAt"/>, if it can be one.</summary>
    /// <exception cref="InvalidOperationException">It is negative, infinite or no number.</exception>
    internal double CheckedLearningRateAt(long step)
    {
        var rate = LearningRateAt(step);
        if (rate is >= 0 and < double.PositiveInfinity) return rate;
        throw new InvalidOperationException(string.Create(
            CultureInfo.InvariantCulture,
            $"{nameof(Schedule)} gave the learning rate {rate} for step {step + 1}, for which it is asked with {step}; expected a finite number, at least 0."));
    }

    /// <exception cref="ArgumentException">A value is out of range.</exception>
    internal void Validate()
    {
        FiniteNumber.ThrowUnlessFinite(LearningRate, nameof(LearningRate));
        FiniteNumber.ThrowUnlessFinite(FinalLearningRate, nameof(FinalLearningRate));
        FiniteNumber.ThrowUnlessFinite(Epsilon, nameof(Epsilon));
        FiniteNumber.ThrowUnlessFinite(WeightDecay, nameof(WeightDecay));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Steps);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(LearningRate);
        ArgumentOutOfRangeException.ThrowIfNegative(FinalLearningRate);
        ArgumentOutOfRangeException.ThrowIfNegative(WarmupSteps);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(WarmupSteps, Steps);
        WeightAverageOptions.ThrowUnlessBelowOne(Beta1, nameof(Beta1));
        WeightAverageOptions.ThrowUnlessBelowOne(Beta2, nameof(Beta2));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Epsilon);
        ArgumentOutOfRangeException.ThrowIfNegative(WeightDecay);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ClipGradientNorm ?? 1, nameof(ClipGradientNorm));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Accumulate);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxLogitScale);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(CheckpointEvery);
        ArgumentNullException.ThrowIfNull(Frozen);
        ArgumentNullException.ThrowIfNull(Muon);
        ArgumentNullException.ThrowIfNull(RateScales);
        ArgumentNullException.ThrowIfNull(Settings);
        Average?.Validate();
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(CheckpointInterval ?? TimeSpan.MaxValue, TimeSpan.Zero, nameof(CheckpointInterval));
        foreach (var (name, scale) in RateScales)
        {
            if (scale is not (>= 0 and < double.PositiveInfinity)) throw new ArgumentException($"The factor of {name} is {scale}; expected 0 or more.", nameof(RateScales));
        }
        if (MuonType is not (ScalarType.Float32 or ScalarType.BFloat16))
            throw new ArgumentException($"The type is {MuonType}; expected Float32 or BFloat16.", nameof(MuonType));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(EvaluateEvery);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Patience ?? 1, nameof(Patience));
        if (Evaluate is null && Patience is not null) throw new ArgumentException("Given without Evaluate.", nameof(Patience));
        if (Evaluate is null && BestCheckpointFile is not null) throw new ArgumentException("Given without Evaluate.", nameof(BestCheckpointFile));
        if (CheckpointFile is not null && BestCheckpointFile is not null && Path.GetFullPath(CheckpointFile) == Path.GetFullPath(BestCheckpointFile))
            throw new ArgumentException($"'{BestCheckpointFile}' is {nameof(CheckpointFile)} too; expected another file.", nameof(BestCheckpointFile));
        if (ComputeType is not (null or ScalarType.Float32 or ScalarType.BFloat16))
            throw new ArgumentException($"The type is {ComputeType}; expected Float32, BFloat16 or null.", nameof(ComputeType));
    }
}
