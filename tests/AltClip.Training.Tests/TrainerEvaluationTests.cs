using AltClip.Tests;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Training.Tests;

[Collection(nameof(ProcessWide))]
public sealed class TrainerEvaluationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly AltCLIPModel _model = NewModel();

    private TrainerOptions Options => new() { Steps = 20, LearningRate = 1e-3, EvaluateEvery = 2, CheckpointEvery = 4, CheckpointFile = _folder.File("run.safetensors") };

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void TrainingStopsWhereNothingGetsBetterAndTheBestIsKept()
    {
        var values = new Queue<double>([3, 2, 2.5, double.PositiveInfinity, 2]);
        var options = Options with { Evaluate = values.Dequeue, Patience = 3, BestCheckpointFile = _folder.File("best.safetensors") };
        using var trainer = new Trainer(_model, Loss, options);
        trainer.Run();
        Assert.True(trainer.StoppedEarly);
        Assert.Equal((10L, 2.0), (trainer.Step, trainer.BestEvaluation));
        Assert.True(_model.training);
        trainer.LoadBest();
        Assert.Equal(4, trainer.Step);
        using var again = NewModel();
        using var resumed = new Trainer(again, n => Loss(again, n), options);
        Assert.True(resumed.Resume());
        Assert.Equal((10L, true), (resumed.Step, resumed.StoppedEarly));
    }

    [Fact]
    public void EvaluatingDisturbsNothing()
    {
        using var other = NewModel();
        using (var trainer = new Trainer(_model, Loss, Options with { Steps = 6, CheckpointFile = null })) trainer.Run();
        var modes = new List<bool>();
        using (var trainer = new Trainer(other, n => Loss(other, n), Options with
        {
            Steps = 6,
            CheckpointFile = null,
            Evaluate = () =>
            {
                modes.Add(other.training || is_grad_enabled());
                return Loss(other, 9).ToDouble() + rand(1).item<float>();
            },
        })) trainer.Run();
        Assert.Equal([false, false, false], modes);
        using var scope = NewDisposeScope();
        Assert.All(_model.parameters().Zip(other.parameters()), pair => Assert.True(pair.First.equal(pair.Second).all().item<bool>()));
    }

    [Fact]
    public void CancellingStopsInsideAStep()
    {
        using var source = new CancellationTokenSource();
        using var before = NewModel();
        using var trainer = new Trainer(_model, n =>
        {
            source.Cancel();
            return Loss(n);
        }, Options with { CheckpointFile = null, Accumulate = 1 });
        Assert.Throws<OperationCanceledException>(() => trainer.Run(cancellationToken: source.Token));
        Assert.Equal(0, trainer.Step);
        using var scope = NewDisposeScope();
        Assert.All(_model.parameters().Zip(before.parameters()), pair => Assert.True(pair.First.equal(pair.Second).all().item<bool>()));
    }

    [Theory]
    [InlineData("run.csv")]
    [InlineData("run.jsonl")]
    public void TheLogHasEachStepOnceThoughTheRunWasKilled(string name)
    {
        var path = _folder.File(name);
        var options = Options with { Steps = 10, Evaluate = () => 0.5 };
        using (var trainer = new Trainer(_model, n => n == 7 ? throw new TimeoutException() : Loss(n), options))
        using (var log = new TrainingLog(path))
            Assert.Throws<TimeoutException>(() => trainer.Run(log));
        File.AppendAllText(path, "8,0."); // as a killed process may leave it
        Assert.Equal(7, TrainingLog.Read(path).Count);
        var seen = 0;
        using (var trainer = new Trainer(_model, Loss, options))
        using (var log = new TrainingLog(path) { Also = _ => seen++ })
        {
            Assert.True(trainer.Resume());
            trainer.Run(log);
        }
        var points = TrainingLog.Read(path);
        Assert.Equal(6, seen);
        Assert.Equal(Enumerable.Range(1, 10).Select(step => (long)step), points.Select(point => point.Step));
        Assert.All(points, point => Assert.Equal(point.Step % 2 == 0 ? 0.5 : null, point.Evaluation));
        Assert.All(points, point => Assert.True(double.IsFinite(point.Loss) && point.GradientNorm > 0));
        File.AppendAllText(path, "nonsense\n");
        Assert.Contains("nonsense", Assert.Throws<FormatException>(() => TrainingLog.Read(path)).Message);
    }

    [Theory]
    [InlineData("run.csv")]
    [InlineData("run.jsonl")]
    public void AnEvaluationThatIsNoNumberIsLoggedAsOne(string name)
    {
        var path = _folder.File(name);
        double[] evaluations = [double.NaN, double.PositiveInfinity, 0.5];
        foreach (var step in Enumerable.Range(1, evaluations.Length))
        {
            // A log of its own for each, since one that goes on reads what is there.
            using var log = new TrainingLog(path);
            log.Report(new TrainingProgress(step, 3, 1, 1, 1e-3, TimeSpan.Zero, TimeSpan.Zero, evaluations[step - 1]));
        }
        var points = TrainingLog.Read(path);
        Assert.Equal(evaluations, points.Select(point => point.Evaluation!.Value));
        LossCurve.SavePng(_folder.File("curve.png"), points);
    }

    [Theory]
    [InlineData("run.csv")]
    [InlineData("run.jsonl")]
    public void WhatWasMeasuredStandsInTheLineOfItsStep(string name)
    {
        var path = _folder.File(name);
        var step = 0;
        using (var log = new TrainingLog(path))
        {
            Report(log);
            log.Write("validation/loss", 0.25);
            Report(log);
            Report(log);
        }
        var before = File.ReadAllText(path);
        // A run that goes on keeps what is there, and may measure more.
        step = 2;
        using (var log = new TrainingLog(path))
        {
            log.Write("validation/top1", double.NaN);
            log.Write("validation/loss", 0.125);
            Report(log);
        }
        var points = TrainingLog.Read(path);
        Assert.Equal([1, 2, 3], points.Select(point => point.Step));
        Assert.Empty(points[0].Metrics);
        Assert.Equal(new Dictionary<string, double> { ["validation/loss"] = 0.25 }, points[1].Metrics);
        Assert.Equal(new Dictionary<string, double> { ["validation/loss"] = 0.125, ["validation/top1"] = double.NaN }, points[2].Metrics);
        if (name.EndsWith("csv", StringComparison.Ordinal))
        {
            Assert.Equal("step,loss,gradient_norm,learning_rate,seconds,evaluation,validation/loss,validation/top1", File.ReadLines(path).First());
            Assert.Equal("2,1,1,0.001,2.500,,0.25,", File.ReadLines(path).ElementAt(2));
            Assert.Equal("2,1,1,0.001,2.500,,0.25", before.Split('\n')[2]);
        }
        else
        {
            Assert.StartsWith(string.Join('\n', before.Split('\n')[..2]), File.ReadAllText(path));
        }
        LossCurve.SavePng(_folder.File("curve.png"), points);

        void Report(TrainingLog log)
        {
            step++;
            log.Report(new TrainingProgress(step, 3, 1, 1, 1e-3, TimeSpan.FromSeconds(2.5), TimeSpan.Zero));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("loss")]
    [InlineData("a,b")]
    [InlineData("a\nb")]
    public void ANameThatCannotBeAColumnIsRefused(string name)
    {
        using var log = new TrainingLog(_folder.File("run.csv"));
        Assert.Throws<ArgumentException>(() => log.Write(name, 1));
    }

    [Fact]
    public void TheLossCurveShowsLossesAndEvaluations()
    {
        var path = _folder.File("curve.png");
        TrainingLogPoint[] points = [.. Enumerable.Range(1, 200).Select(i => new TrainingLogPoint(i, 5.0 / i, 1, 1e-3, i % 50 == 0 ? 2 : null))];
        LossCurve.SavePng(path, points, 400, 300);
        using var picture = SkiaSharp.SKBitmap.Decode(path);
        Assert.Equal((400, 300), (picture.Width, picture.Height));
        var colors = picture.Pixels.GroupBy(pixel => pixel).ToDictionary(group => group.Key, group => group.Count());
        Assert.True(colors.GetValueOrDefault(new SkiaSharp.SKColor(31, 95, 180)) > 100, "the mean");
        Assert.InRange(colors.GetValueOrDefault(new SkiaSharp.SKColor(200, 40, 40)), 60, 240); // four dots
        Assert.True(colors.GetValueOrDefault(new SkiaSharp.SKColor(64, 64, 64)) > 300, "the numbers");
        Assert.InRange(new FileInfo(path).Length, 500, 50_000);
        Assert.Throws<ArgumentException>("points", () => LossCurve.SavePng(path, []));
    }

    [Fact]
    public void WhatAKilledProcessLeftBesideACheckpointIsDeleted()
    {
        var leftOver = $"{Options.CheckpointFile}.{Guid.NewGuid():N}.tmp";
        File.WriteAllText(leftOver, "half");
        File.WriteAllText(_folder.File("other.tmp"), "someone else's");
        using var trainer = new Trainer(_model, Loss, Options);
        Assert.Equal(["other.tmp"], _folder.Files);
    }

    [Fact]
    public void PatienceNeedsAnEvaluation() =>
        Assert.Throws<ArgumentException>("Patience", () => new Trainer(_model, Loss, Options with { Patience = 2 }));

    private Tensor Loss(long batch) => Loss(_model, batch);

    private static Tensor Loss(AltCLIPModel model, long batch) =>
        model.forward(ModelBuilder.Ids(4).roll(batch % 2, 1), ModelBuilder.Pixels(4), return_loss: true).Loss!;

    private static AltCLIPModel NewModel()
    {
        manual_seed(1);
        return ModelBuilder.Model();
    }
}
