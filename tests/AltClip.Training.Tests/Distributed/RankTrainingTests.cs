using AltClip.Conformance;
using AltClip.Tests;
using AltClip.Training.Data;
using AltClip.Training.Distributed;
using AltClip.Training.Losses;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Training.Tests;

/// <summary>What training has beyond steps, with several processes.</summary>
[Collection(nameof(ProcessWide))]
public sealed class RankTrainingTests : IDisposable
{
    private const int Pairs = 8;

    private readonly int _threads = get_num_threads();
    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Tensor _ids = ModelBuilder.Ids(Pairs);
    private readonly Tensor _pixels;
    private readonly AltCLIPModel _start;

    public RankTrainingTests()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Gloo is in libtorch for Linux.");
        set_num_threads(1);
        _pixels = randn(Pairs, 3, 16, 16, generator: new Generator(2));
        using (manual_seed(1)) { }
        _start = ModelBuilder.Model(dropout: 0);
    }

    private TrainerOptions Options => new() { Steps = 6, LearningRate = 1e-3, CheckpointFile = _folder.File("run.safetensors"), CheckpointEvery = 2 };

    public void Dispose()
    {
        set_num_threads(_threads);
        _start?.Dispose();
        _scope.Dispose();
        _folder.Dispose();
    }

    public static TheoryData<string, bool, int[]> Shares => new()
    {
        { ContrastiveLoss.Name, false, [4, 4] }, { ContrastiveLoss.Name, true, [4, 4] }, { SigmoidLoss.Name, true, [4, 4] },
        // As where pictures can't be read.
        { ContrastiveLoss.Name, false, [5, 3] }, { ContrastiveLoss.Name, true, [1, 4, 3] }, { SigmoidLoss.Name, true, [6, 2] },
    };

    [Theory]
    [MemberData(nameof(Shares))]
    public void GradientCachingOverProcessesGivesTheWholeBatchsGradient(string loss, bool local, int[] counts)
    {
        using var whole = new Replica(_start, loss);
        whole.LossOf(_ids, _pixels).backward();
        var expected = whole.Gradients();
        foreach (var chunk in new[] { 0, 3 })
        {
            var ranks = RankThreads.Run(counts.Length, group =>
            {
                using var replica = new Replica(_start, loss, group, local);
                var (ids, pixels) = Share(group, counts);
                if (chunk == 0) replica.LossOf(ids, pixels).backward();
                else GradientCache.Backward(replica.Model, replica.Compared, ids, pixels, chunk);
                new GradientAverage(group, replica.Trained.parameters()).Take();
                return replica.Gradients();
            }, gradients => gradients.Values);
            Assert.All(ranks, rank =>
            {
                Assert.Equal(expected.Keys, rank.Keys);
                Assert.All(rank, p => Assert.True(p.Value.allclose(expected[p.Key], rtol: 1e-4, atol: 2e-6), $"{p.Key} in chunks of {chunk}"));
            });
        }
    }

    [Fact]
    public void OthersWaitForAnEvaluationLongerThanTheirPatience()
    {
        var options = Options with { Steps = 2, EvaluateEvery = 2, Evaluate = () => { Thread.Sleep(TimeSpan.FromSeconds(5)); return 7; } };
        var evaluations = RankThreads.Run(2, group =>
        {
            using var replica = new Replica(_start, ContrastiveLoss.Name, group);
            using var trainer = Trainer(replica, group, options);
            trainer.Run();
            return trainer.BestEvaluation;
        }, TimeSpan.FromSeconds(2));
        Assert.Equal([7.0, 7.0], evaluations);
    }

    [Fact]
    public void WhatRankZeroThrowsWhileOthersWaitEndsAll()
    {
        var errors = RankThreads.Run(2, group =>
        {
            var error = Record.Exception(() => group.RunOnFirst(() => throw new InvalidDataException("bad")));
            group.Dispose();
            return error?.GetType();
        });
        Assert.Equal([typeof(InvalidDataException), typeof(ProcessGroupException)], errors);
    }

    [Fact]
    public void AllStopWhereNothingGetsBetterAndGoBackToTheBest()
    {
        var values = new Queue<double>([3, 2, 2.5, 2]);
        var options = Options with { Steps = 20, EvaluateEvery = 2, Evaluate = values.Dequeue, Patience = 2, BestCheckpointFile = _folder.File("best.safetensors") };
        var ranks = RankThreads.Run(2, group =>
        {
            using var replica = new Replica(_start, ContrastiveLoss.Name, group);
            // Who is not asked would have nothing to say.
            var own = group.Rank == 0 ? options : options with { Evaluate = () => throw new InvalidOperationException("It was asked.") };
            using var trainer = Trainer(replica, group, own);
            trainer.Run();
            Assert.Equal((8L, true, 2.0), (trainer.Step, trainer.StoppedEarly, trainer.BestEvaluation));
            var last = replica.Weights();
            trainer.LoadBest();
            Assert.Equal(4, trainer.Step);
            return (Last: last, Best: replica.Weights());
        }, weights => weights.Last.Concat(weights.Best));
        AssertSame(ranks[0].Last, ranks[1].Last);
        AssertSame(ranks[0].Best, ranks[1].Best);
        Assert.False(ranks[0].Best[0].equal(ranks[0].Last[0]).all().item<bool>());
        Assert.Empty(values);
    }

    [Fact]
    public void TheAverageIsThatOfOneProcessAndGoesOnBitForBit()
    {
        var options = Options with { Average = new() { Decay = 0.8 } };
        using var one = new Replica(_start, ContrastiveLoss.Name);
        using (var trainer = new Trainer(one.Trained, _ => one.LossOf(_ids, _pixels), options with { CheckpointFile = null }))
        {
            trainer.Run();
            trainer.TakeAverage();
        }
        var whole = Averages(options with { CheckpointFile = null });
        Assert.All(one.Weights().Zip(whole[0]), pair => Assert.True(pair.First.allclose(pair.Second, atol: 1e-5)));
        AssertSame(whole[0], whole[1]);

        Averages(options, stopAt: 3);
        var resumed = Averages(options);
        Assert.All(resumed, weights => AssertSame(whole[0], weights));
    }

    [Fact]
    public void WeightsThatCameApartAreAnErrorBeforeTheyAreWritten()
    {
        var messages = RankThreads.Run(2, group =>
        {
            using var scope = NewDisposeScope();
            using var replica = new Replica(_start, ContrastiveLoss.Name, group);
            using var trainer = Trainer(replica, group, Options, n =>
            {
                if (n != 3 || group.Rank != 1) return;
                using var noGrad = no_grad();
                // The very least that it can be.
                replica.Model.logit_scale.copy_(replica.Model.logit_scale.nextafter(tensor(100f)));
            });
            var error = Assert.Throws<ReplicasDifferException>(() => trainer.Run());
            Assert.Equal(4, error.Step);
            return error.Message;
        });
        Assert.DoesNotContain("rank", messages[0]);
        Assert.Contains("rank 1 has others than rank 0 in", messages[1]);
        Assert.Contains("logit_scale", messages[1]);
        // The checkpoint before is as it was.
        using var model = new Replica(_start, ContrastiveLoss.Name);
        using var resumed = new Trainer(model.Trained, _ => model.LossOf(_ids, _pixels), Options);
        Assert.True(resumed.Resume());
        Assert.Equal(2, resumed.Step);
    }

    [Fact]
    public void AProcessWhoseBatchesAreAtTheirEndEndsTheOthersToo()
    {
        var errors = RankThreads.Run(3, group =>
        {
            using var replica = new Replica(_start, ContrastiveLoss.Name, group);
            // One has two batches, the others more.
            using var trainer = Trainer(replica, group, Options, n =>
            {
                if (group.Rank == 2 && n == 2) throw new DataSetException("examples.tsv", "there are no more");
            });
            var error = Record.Exception(() => trainer.Run());
            Assert.Equal(2, trainer.Step);
            // What ends a process ends its group.
            if (group.Rank == 2) group.Dispose();
            return error;
        });
        Assert.IsType<DataSetException>(errors[2]);
        Assert.All(errors[..2], error => Assert.Contains("another process has ended", Assert.IsType<ProcessGroupException>(error).Message));
    }

    private Tensor[][] Averages(TrainerOptions options, long stopAt = -1) => RankThreads.Run(2, group =>
    {
        using var replica = new Replica(_start, ContrastiveLoss.Name, group);
        using var trainer = Trainer(replica, group, options, n =>
        {
            if (n == stopAt) throw new TimeoutException();
        });
        trainer.Resume();
        try
        {
            trainer.Run();
        }
        catch (TimeoutException)
        {
            return [];
        }
        trainer.TakeAverage();
        return replica.Weights();
    }, weights => weights);

    private Trainer Trainer(Replica replica, ProcessGroup group, TrainerOptions options, Action<long>? before = null)
    {
        var (ids, pixels) = Share(group, [.. Enumerable.Repeat(Pairs / group.WorldSize, group.WorldSize)]);
        return new Trainer(replica.Trained, n =>
        {
            before?.Invoke(n);
            return replica.LossOf(ids, pixels);
        }, options with { ProcessGroup = group });
    }

    /// <summary>A process's pairs, as many as its count.</summary>
    private (Tensor Ids, Tensor Pixels) Share(ProcessGroup group, int[] counts)
    {
        var first = counts[..group.Rank].Sum();
        return (_ids.slice(0, first, first + counts[group.Rank], 1), _pixels.slice(0, first, first + counts[group.Rank], 1));
    }

    private static void AssertSame(Tensor[] expected, Tensor[] actual) =>
        Assert.All(expected.Zip(actual), pair => Assert.True(pair.First.equal(pair.Second).all().item<bool>()));

    /// <summary>The same model in each process, with its loss.</summary>
    private sealed class Replica : IDisposable
    {
        private readonly TrainingLoss _loss;

        public Replica(AltCLIPModel start, string loss, ProcessGroup? group = null, bool local = true)
        {
            // Copied, since threads share what draws numbers, as processes do not.
            Model = ModelBuilder.Model(dropout: 0);
            using (no_grad())
                foreach (var (own, first) in Model.parameters().Zip(start.parameters())) own.copy_(first);
            _loss = TrainingLosses.All.Create(loss);
            Compared = group is null ? _loss : new GatheredLoss(_loss, group, local);
            Trained = _loss.TrainedWith(Model);
        }

        public AltCLIPModel Model { get; }

        public TrainingLoss Compared { get; }

        public nn.Module Trained { get; }

        public Tensor LossOf(Tensor ids, Tensor pixels)
        {
            var output = Model.forward(ids, pixels);
            return Compared.forward(output.ImageEmbeds, output.TextEmbeds, Model.logit_scale);
        }

        public Dictionary<string, Tensor> Gradients() =>
            Trained.named_parameters().Where(p => p.parameter.grad is not null).ToDictionary(p => p.name, p => p.parameter.grad!.clone());

        public Tensor[] Weights() => [.. Trained.parameters().Select(parameter => parameter.detach().clone())];

        public void Dispose()
        {
            if (!ReferenceEquals(Trained, Model)) Trained.Dispose();
            if (!ReferenceEquals(Compared, _loss)) Compared.Dispose();
            _loss.Dispose();
            Model.Dispose();
        }
    }
}
