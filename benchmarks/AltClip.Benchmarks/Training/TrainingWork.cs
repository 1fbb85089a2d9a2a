using System.Diagnostics;
using AltClip.Modeling;
using AltClip.Training;
using static TorchSharp.torch;

namespace AltClip.Benchmarks;

/// <summary>
/// One training step on the peer's shapes, here and by transformers' operations: 32 pairs of 32 tokens and 224x224 pixels, ViT-B/32, six text
/// layers of width 768, AdamW on all 150 million parameters.
/// </summary>
internal sealed class TrainingWork : IDisposable
{
    public const string Peer = "transformers fp32";
    private const int Tokens = 32;
    private const int Projection = 512;
    private static readonly int Width = Effort.Of(768, quick: 48);

    private static readonly Dictionary<string, TrainerOptions> Ways = new()
    {
        ["AltClip fp32"] = Options,
        ["AltClip bf16"] = Options with { ComputeType = ScalarType.BFloat16 },
        ["AltClip fp32, checkpointing"] = Options with { GradientCheckpointing = true },
        ["AltClip bf16, checkpointing"] = Options with { ComputeType = ScalarType.BFloat16, GradientCheckpointing = true },
    };

    private readonly AltCLIPModel _model;
    private readonly TracedPeer? _peer;
    private readonly Tensor _ids = randint(5, BenchmarkModels.VocabSize, [Pairs, Tokens]);
    private readonly Tensor _mask = ones(Pairs, Tokens, dtype: ScalarType.Int64);
    private readonly Tensor _pixels = randn(Pairs, 3, 224, 224);

    public TrainingWork(string? peers)
    {
        manual_seed(1);
        var text = new AltCLIPTextConfig
        {
            VocabSize = BenchmarkModels.VocabSize,
            HiddenSize = Width,
            ProjectDim = Projection,
            NumHiddenLayers = Effort.Of(6, quick: 1),
            NumAttentionHeads = 12,
            IntermediateSize = 4 * Width,
            HiddenDropoutProb = 0,
            AttentionProbsDropoutProb = 0,
        };
        var vision = new AltCLIPVisionConfig
        {
            HiddenSize = Width,
            IntermediateSize = 4 * Width,
            NumHiddenLayers = Effort.Of(12, quick: 1),
            NumAttentionHeads = 12,
            PatchSize = 32,
        };
        var config = AltCLIPConfig.FromTextVisionConfigs(text, vision, Projection);
        _model = new AltCLIPModel(config, WeightInitialization.FanIn);
        _peer = peers is null ? null : new TracedPeer(peers, "train_loss", _model);
    }

    /// <summary>How many pairs of a text and a picture a step takes.</summary>
    public static int Pairs { get; } = Effort.Of(32, quick: 2);

    public IReadOnlyList<string> Names => [.. _peer is null ? Array.Empty<string>() : [Peer], .. Ways.Keys];

    private static TrainerOptions Options => new() { Steps = 1000, LearningRate = 1e-6, ClipGradientNorm = null };

    /// <summary>Takes one step.</summary>
    /// <returns>Its milliseconds.</returns>
    public double Step(string name) => name == Peer ? PeerSteps(1) : OwnStep(Ways[name]);

    /// <summary>Takes some steps with one optimizer.</summary>
    public void Steps(string name, int steps)
    {
        if (name == Peer)
        {
            PeerSteps(steps);
            return;
        }
        using var trainer = new Trainer(_model, Loss, Ways[name] with { Steps = steps });
        trainer.Run();
    }

    public void Dispose()
    {
        _peer?.Dispose();
        _model.Dispose();
        foreach (var tensor in new[] { _ids, _mask, _pixels }) tensor.Dispose();
    }

    private Tensor Loss(long batch) => _model.forward(_ids, _pixels, _mask, return_loss: true).Loss!;

    /// <returns>The milliseconds of the last step.</returns>
    private double PeerSteps(int steps)
    {
        using var optimizer = optim.AdamW(_model.parameters(), 1e-6);
        var start = 0L;
        for (var step = 0; step < steps; step++)
        {
            using var scope = NewDisposeScope();
            start = Stopwatch.GetTimestamp();
            foreach (var parameter in _model.parameters()) parameter.grad = null;
            using (var loss = _peer!.Run(_ids, _mask, _pixels)) loss.backward();
            optimizer.step();
        }
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private double OwnStep(TrainerOptions options)
    {
        using var enough = new CancellationTokenSource();
        using var trainer = new Trainer(_model, Loss, options);
        var first = new FirstStep(enough);
        try
        {
            trainer.Run(first, enough.Token);
        }
        catch (OperationCanceledException)
        {
            // as FirstStep has it
        }
        return first.Milliseconds;
    }

    private sealed class FirstStep(CancellationTokenSource enough) : IProgress<TrainingProgress>
    {
        public double Milliseconds { get; private set; }

        public void Report(TrainingProgress value)
        {
            Milliseconds = value.Elapsed.TotalMilliseconds;
            enough.Cancel();
        }
    }
}
