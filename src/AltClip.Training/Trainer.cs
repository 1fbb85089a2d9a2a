using System.Diagnostics;
using AltClip.Modeling;
using AltClip.Native;
using AltClip.Shared;
using AltClip.Training.Distributed;
using AltClip.Training.Losses;
using AltClip.Training.Optimization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Training;

/// <summary>
/// Trains a model with AdamW, or Muon: warm-up and cosine, clipping, accumulation, freezing, checkpoints. What the loss is and where batches come
/// from is the caller's. A run that was stopped, or killed at any moment, goes on from its last checkpoint and gives the very same weights.
/// </summary>
/// <example>
/// <code>
/// var options = new TrainerOptions { Steps = 10_000, WarmupSteps = 500, Frozen = ["vision_model.*", "visual_projection.*"], CheckpointFile = "run.safetensors" };
/// using var trainer = new Trainer(model, batch => model.forward(Inputs(batch), return_loss: true).Loss!, options);
/// trainer.Resume();
/// using var log = new TrainingLog("run.csv") { Also = p => Console.WriteLine($"{p.Step}/{p.Steps} loss {p.Loss:f3}, {p.Remaining} left") };
/// trainer.Run(log);
/// </code>
/// </example>
public sealed class Trainer : IDisposable
{
    private readonly nn.Module _model;
    private readonly Func<long, Tensor> _loss;
    private readonly TrainerOptions _options;
    private readonly AdamW _optimizer;
    private readonly OptimizerSteps _steps;
    private readonly WeightAverage? _average;
    private readonly TrainingCheckpoint _checkpoint;
    private readonly IReadOnlyList<Parameter> _trained;
    private readonly Replicas? _replicas;
    private readonly Stopwatch _sinceCheckpoint = new();
    private TrainingEvaluations _evaluations;
    private bool _isDisposed;

    /// <summary>Prepares training: says which parameters train, and makes the optimizer.</summary>
    /// <param name="model">The model, which stays the caller's; its <c>LoraAdapter</c> if it has one that is to learn.</param>
    /// <param name="loss">
    /// Computes the loss, a floating-point scalar, of batch n = 0, 1, … . The same n must always mean the same batch. All tensors that it makes are disposed
    /// when its gradient was taken, the loss too. A loss that requires no gradient counts as one whose gradients were added already, as
    /// <see cref="GradientCache"/> does; that goes without accumulation only. A loss that gives no parameter a gradient is an error of
    /// <see cref="Run"/>.
    /// </param>
    /// <param name="options">How to train.</param>
    /// <exception cref="ArgumentException">
    /// An option is out of range, a pattern of parameters fits none, all are frozen, the compute type can't be had, or the model has an adapter that
    /// was to be given in its place.
    /// </exception>
    /// <exception cref="IOException">The folder of a checkpoint can't be made, or the file is a folder.</exception>
    public Trainer(nn.Module model, Func<long, Tensor> loss, TrainerOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        (_model, _loss, _options) = (model, loss, options);
        using (new TrainingModules(model, options)) { }
        var trained = FrozenParameters.Others(model, options.Frozen);
        AttachedAdapters.RefuseModelAlone(model, [.. trained.Select(p => p.Parameter)]);
        var muon = MuonSteps.Select(trained, options.Muon, nameof(TrainerOptions.Muon));
        var names = model.named_parameters().ToDictionary(p => p.parameter.Handle, p => p.name);
        if (options.RateScales.Keys.Except(names.Values).FirstOrDefault() is { } unknown)
            throw new ArgumentException($"{unknown} is no parameter; expected state-dict names.", nameof(TrainerOptions.RateScales));
        var groups = ParameterGroups.Of(trained.Select(p => p.Parameter), options.WeightDecay, options.DecayAll);
        _trained = [.. groups.SelectMany(group => group.Parameters)];
        if (options.ProcessGroup is { WorldSize: > 1 } group) _replicas = new Replicas(group, _trained);
        foreach (var file in new[] { options.CheckpointFile, options.BestCheckpointFile }.OfType<string>().Where(_ => IsFirst)) TrainingCheckpoint.Prepare(file);
        // The tensors come last: what is refused above leaves none.
        _optimizer = optim.AdamW(groups, options.LearningRate, options.Beta1, options.Beta2, options.Epsilon);
        _steps = new OptimizerSteps(
            _optimizer, muon, (options.MuonScale, options.MuonType), parameter => options.RateScales.GetValueOrDefault(names[parameter.Handle], 1));
        _average = options.Average is null ? null : new(_trained.Select(parameter => (names[parameter.Handle], parameter)), options.Average);
        _checkpoint = new TrainingCheckpoint(model, _optimizer, _trained, _average, options.Settings);
    }

    /// <summary>How many steps were taken.</summary>
    public long Step { get; private set; }

    /// <summary>The best that <see cref="TrainerOptions.Evaluate"/> gave so far, earlier runs included; null before its first.</summary>
    public double? BestEvaluation => _evaluations.Best;

    /// <summary>Whether training ended because <see cref="TrainerOptions.Patience"/> was at its end.</summary>
    public bool StoppedEarly => _evaluations.SinceBest >= _options.Patience;

    /// <summary>Goes on from <see cref="TrainerOptions.CheckpointFile"/> if there is such a file.</summary>
    /// <param name="anySettings">Whether the run of the checkpoint may have had other <see cref="TrainerOptions.Settings"/>.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="CheckpointException">The file is damaged, or of a model or choice of frozen parameters other than this; nothing was changed.</exception>
    /// <exception cref="TrainingSettingsException">It is of a run with other settings; nothing was changed.</exception>
    public bool Resume(bool anySettings = false)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var found = IsFirst && File.Exists(_options.CheckpointFile);
        if (found) (Step, _evaluations) = _checkpoint.Load(_options.CheckpointFile!, anySettings);
        Share();
        return _replicas is null ? found : _replicas.Broadcast(found ? 1 : 0)[0] != 0;
    }

    /// <summary>Writes <see cref="TrainerOptions.CheckpointFile"/> now, such as after <see cref="Run"/> was cancelled.</summary>
    /// <exception cref="IOException">The file can't be written; the one before is still whole.</exception>
    /// <exception cref="InvalidOperationException">The options name no such file.</exception>
    public void SaveCheckpoint()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        Save(_options.CheckpointFile ?? throw new InvalidOperationException("CheckpointFile is not set."));
    }

    /// <summary>Takes the weights of the best evaluation from <see cref="TrainerOptions.BestCheckpointFile"/>.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="CheckpointException">The file is damaged, or of a model or choice of frozen parameters other than this; nothing was changed.</exception>
    /// <exception cref="InvalidOperationException">The options name no such file.</exception>
    public void LoadBest()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var file = _options.BestCheckpointFile ?? throw new InvalidOperationException("BestCheckpointFile is not set.");
        if (IsFirst) (Step, _evaluations) = _checkpoint.Load(file, anySettings: true);
        Share();
    }

    /// <summary>Puts the average of the weights into the model. Meant for the end: training would go on from there.</summary>
    /// <exception cref="InvalidOperationException">The options ask for no average.</exception>
    public void TakeAverage()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_average is null) throw new InvalidOperationException("Average is not set.");
        _average.CopyToParameters();
    }

    /// <summary>Trains until all steps are taken. The model is in training mode then.</summary>
    /// <param name="progress">
    /// Told after each step, on this thread: a <see cref="TrainingLog"/>, a <see cref="TensorBoardLog"/>, or one's own. A <see cref="Progress{T}"/>
    /// hands on to other threads, which come later and in any order.
    /// </param>
    /// <param name="cancellationToken">Stops between batches, and between the layers of the model's encoders. A step half done is as if never begun; <see cref="Run"/> may be called again.</param>
    /// <exception cref="NonFiniteLossException">The loss or its gradient is not finite; the step was not taken.</exception>
    /// <exception cref="EvaluationException">The evaluation is no number.</exception>
    /// <exception cref="InvalidOperationException">
    /// The loss is no floating-point scalar or gave no parameter a gradient, the learning rate is negative or not finite, or the adapter is merged into
    /// the model; the step was not taken.
    /// </exception>
    /// <exception cref="IOException">A checkpoint can't be written; the one before is still whole.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled, in one of the processes at least.</exception>
    /// <exception cref="ProcessGroupException">Another process has ended or does not answer.</exception>
    /// <exception cref="ReplicasDifferException">The processes' weights differ.</exception>
    public void Run(IProgress<TrainingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        AttachedAdapters.RefuseMerged(_model, _trained);
        _model.train();
        using var frozen = new FrozenParameters(_model, _trained);
        using var computing = new TrainingModules(_model, _options);
        using var products = new OneDnnProducts();
        using var memory = _options.KeepFreedMemory ? NativeHeap.Keep() : null;
        // Processes stop together, between steps: one that is away in the middle of a step would be an error for the others.
        using var cancelling = new LayerCancellation(_replicas is null ? cancellationToken : default);
        Share();
        var (clock, first) = (Stopwatch.StartNew(), Step);
        _sinceCheckpoint.Restart();
        while (Step < _options.Steps && !StoppedEarly)
        {
            var rate = _options.CheckedLearningRateAt(Step);
            var (loss, norm, asked) = TakeStep(rate, cancellationToken);
            var evaluation = EvaluateIfDue();
            // Before the checkpoint: a run that goes on from it has every step's line, and replaces those of steps that it takes again.
            if (IsFirst)
            {
                progress?.Report(new TrainingProgress(
                    Step, _options.Steps, loss, norm, rate, clock.Elapsed, clock.Elapsed / (Step - first) * (_options.Steps - Step), evaluation));
            }
            if (_options.CheckpointFile is not null && (asked.Saves || Step % _options.CheckpointEvery == 0 || Step == _options.Steps || StoppedEarly))
            {
                Save(_options.CheckpointFile);
                _sinceCheckpoint.Restart();
            }
            if (asked.Stops && Step < _options.Steps) throw new OperationCanceledException(cancellationToken);
        }
    }

    /// <summary>Disposes the optimizer; the model stays.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        _average?.Dispose();
        _optimizer.Dispose();
    }

    private bool IsFirst => _replicas is null or { Group.Rank: 0 };

    private void Share()
    {
        if (_replicas is not null) (Step, _evaluations) = _checkpoint.Share(_replicas, Step, _evaluations);
    }

    private void Save(string file)
    {
        _replicas?.ThrowUnlessEqual(_checkpoint.Tensors, Step);
        // The others wait: one that ended meanwhile might have the scheduler end the one that writes.
        FirstProcess.Run(_replicas?.Group, () => _checkpoint.Save(file, Step, _evaluations));
    }

    private double? EvaluateIfDue()
    {
        if (_options.Evaluate is null || (Step % _options.EvaluateEvery != 0 && Step != _options.Steps)) return null;
        var value = FirstProcess.Run(_replicas?.Group, () => Evaluate(_options.Evaluate));
        _evaluations = _evaluations.With(value);
        if (_evaluations.SinceBest == 0 && _options.BestCheckpointFile is not null) Save(_options.BestCheckpointFile);
        return value;
    }

    private double Evaluate(Func<double> evaluate)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        _model.eval();
        _average?.Swap();
        try
        {
            var value = evaluate();
            return double.IsNaN(value) ? throw new EvaluationException(Step, value) : value;
        }
        finally
        {
            _average?.Swap();
            _model.train();
        }
    }

    private (double Loss, double GradientNorm, StepRequests Asked) TakeStep(double learningRate, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        // None and not zero, as after Resume: AdamW leaves a parameter alone that had no part in the loss.
        foreach (var parameter in _trained) parameter.grad = null;
        var loss = 0.0;
        for (var i = 0; i < _options.Accumulate; i++)
        {
            if (_replicas is null) cancellationToken.ThrowIfCancellationRequested();
            loss += Backward(Step * _options.Accumulate + i) / _options.Accumulate;
        }
        if (_trained.All(parameter => parameter.grad is null))
        {
            throw new InvalidOperationException(
                $"The loss of step {Step + 1} gave no parameter a gradient; expected one that was computed with gradients, of parameters that train, or that added them itself.");
        }
        var asked = new StepRequests(
            Stops: _replicas is not null && cancellationToken.IsCancellationRequested, Saves: _sinceCheckpoint.Elapsed >= _options.CheckpointInterval);
        if (_replicas is not null) (loss, asked) = _replicas.Average(loss, asked);
        var norm = nn.utils.clip_grad_norm_(_trained, _options.ClipGradientNorm ?? double.PositiveInfinity);
        if (!double.IsFinite(loss) || !double.IsFinite(norm)) throw new NonFiniteLossException(Step + 1, loss, norm);
        foreach (var group in _optimizer.ParamGroups) group.LearningRate = learningRate;
        _steps.Take();
        ClampLogitScale();
        Step++;
        _average?.Update(Step);
        return (loss, norm, asked);
    }

    private double Backward(long batch)
    {
        using var scope = NewDisposeScope();
        // Each process draws numbers of its own.
        using (manual_seed(_options.Seed + batch * (_replicas?.Group.WorldSize ?? 1) + (_replicas?.Group.Rank ?? 0))) { }
        var loss = LossValue.Checked(_loss(batch), $"The loss of batch {batch}");
        if (loss.requires_grad)
        {
            loss.Over(_options.Accumulate).backward();
            CheckpointedLayers.ThrowIfFailed();
        }
        else if (_options.Accumulate > 1)
            throw new InvalidOperationException($"The loss of batch {batch} requires no gradient; expected one, because gradients are accumulated.");
        return loss.ToNumber();
    }

    private void ClampLogitScale()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using Scalar least = 0, greatest = _options.MaxLogitScale;
        // In another module too, such as one that a loss with parameters shares with the model.
        foreach (var model in _model.modules().Prepend(_model).OfType<AltCLIPModel>().Where(model => model.logit_scale.requires_grad))
            model.logit_scale.clamp_(least, greatest);
    }
}
