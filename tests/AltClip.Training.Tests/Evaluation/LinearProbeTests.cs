using System.Text.Json.Nodes;
using AltClip.Tests;
using AltClip.Training.Evaluation;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Training.Tests;

/// <summary>Linear probes and few-shot evaluation on classes of which it is known how far they can be told apart.</summary>
[Collection(nameof(ProcessWide))]
public sealed class LinearProbeTests(EvaluationPipeline shared) : IClassFixture<EvaluationPipeline>
{
    private static readonly string[] Names = ["a", "b", "c", "d", "e", "f"];

    [Fact]
    public void TheGradientIsZeroWhereAProbeStops()
    {
        using var scope = NewDisposeScope();
        var own = Clouds(6, 40, 0.8, seed: 1);
        foreach (var decay in new[] { 1e-6, 1e-3, 10 })
        {
            using var probe = LinearProbe.Fit(own.Embeddings, own.Labels, 6, decay);
            var (weight, bias) = (probe.Weight.clone().requires_grad_(), probe.Bias.clone().requires_grad_());
            var loss = nn.functional.cross_entropy(own.Embeddings.to(ScalarType.Float64).matmul(weight.t()) + bias, tensor(own.Labels.Select(label => (long)label).ToArray()))
                + decay / 2 * weight.square().sum();
            Assert.Equal(probe.Loss, loss.ToDouble(), 1e-12);
            loss.backward();
            Assert.InRange(weight.grad!.square().sum().ToDouble() + bias.grad!.square().sum().ToDouble(), 0, 2 * decay * 1e-8 * 1.01);
        }
    }

    [Fact]
    public void FewIterationsAreSaid()
    {
        using var own = Clouds(6, 40, 0.8, seed: 1);
        using var probe = LinearProbe.Fit(own.Embeddings, own.Labels, 6, 1e-4, maxIterations: 3);
        Assert.Equal((false, 3), (probe.Converged, probe.Iterations));
        using var test = Clouds(6, 5, 0.8, seed: 2);
        Assert.Contains("3 iterations, not converged", LinearProbeEvaluation.Run(own, test, Names, new() { WeightDecay = 1e-4, MaxIterations = 3 }).ToString());
    }

    [Fact]
    public void TheDecayIsSearchedAsClipDoes()
    {
        using var train = Clouds(6, 30, 1.2, seed: 1);
        using var test = Clouds(6, 50, 1.2, seed: 2);
        using var validation = Clouds(6, 20, 1.2, seed: 3);
        var before = LiveTensors.Count();
        var report = LinearProbeEvaluation.Run(train, test, Names, validation: validation);
        Assert.Equal(before, Tensor.TotalCount);
        // By chance it would be a sixth.
        Assert.InRange(report.Top1, 0.5, 1);
        Assert.Equal(180 + 120, report.TrainingCount);
        // Seven at first, two at each of four steps; fewer only at an end.
        Assert.InRange(report.Trials.Count, 11, 15);
        foreach (var c in new[] { 1e-6, 1e-4, 1e-2, 1, 1e2, 1e4, 1e6 }) Assert.Contains(report.Trials, trial => Math.Abs(trial.C / c - 1) < 1e-9);
        var best = report.Trials.OrderByDescending(trial => trial.Top1).ThenBy(trial => trial.CrossEntropy).First();
        Assert.Equal(best.C, report.C, best.C * 1e-9);
        Assert.Equal(1 / (180 * best.C), best.WeightDecay, best.WeightDecay * 1e-9);
        // Its neighbours at the last step were tried.
        Assert.Contains(report.Trials, trial => Math.Abs(trial.C / best.C - Math.Pow(10, 0.125)) < 1e-6);

        var split = LinearProbeEvaluation.Run(train, test, Names, new() { Seed = 5 });
        Assert.Equal(180, split.TrainingCount);
        Assert.Equal(split.Trials, LinearProbeEvaluation.Run(train, test, Names, new() { Seed = 5 }).Trials);
        Assert.NotEqual(split.Trials, LinearProbeEvaluation.Run(train, test, Names, new() { Seed = 6 }).Trials);
        var json = JsonNode.Parse(split.ToJson())!;
        Assert.Equal((split.Top1, split.WeightDecay, split.Trials.Count), ((double)json["acc1"]!, (double)json["weight_decay"]!, json["weight_decays"]!.AsArray().Count));
    }

    [Fact]
    public void MorePicturesOfAClassDoBetterAndDrawsAreNested()
    {
        using var train = Clouds(6, 24, 1.0, seed: 1);
        using var test = Clouds(6, 60, 1.0, seed: 2);
        var before = LiveTensors.Count();
        var report = FewShotEvaluation.Run(train, test, Names, new() { Shots = [16, 1, 4], Draws = 3 });
        Assert.Equal(before, Tensor.TotalCount);
        Assert.Equal([1, 4, 16], report.Results.Select(result => result.Shots));
        Assert.True(report.Results[0].Top1 < report.Results[2].Top1);
        foreach (var result in report.Results)
        {
            double[] draws = [.. result.Draws.Select(draw => draw.Top1)];
            Assert.Equal(draws.Average(), result.Top1, 1e-12);
            Assert.Equal(Math.Sqrt(draws.Sum(draw => Math.Pow(draw - draws.Average(), 2)) / 2), result.Top1Deviation!.Value, 1e-12);
            Assert.All(result.Draws, draw => Assert.Equal((6 * result.Shots, 360L), (draw.TrainingCount, draw.Count)));
        }
        Assert.NotEqual(report.Results[0].Draws[0].Top1, report.Results[0].Draws[1].Top1);
        Assert.Equal(report.ToJson(), FewShotEvaluation.Run(train, test, Names, new() { Shots = [1, 4, 16], Draws = 3 }).ToJson());
        var one = FewShotEvaluation.Run(train, test, Names, new() { Shots = [24], Draws = 1, WeightDecay = 1e-3 });
        Assert.Null(one.Results[0].Top1Deviation);
        Assert.Equal(LinearProbeEvaluation.Run(train, test, Names, new() { WeightDecay = 1e-3 }).Top1, one.Results[0].Top1, 1e-12);
        Assert.Equal("shots  draws  top-1 %  ±  top-5 %  ±  mean of classes %  ±", one.ToString().Split('\n')[0]);
    }

    [Fact]
    public void WhatDoesntFitIsRefusedByName()
    {
        using var scope = NewDisposeScope();
        var (train, test) = (Clouds(3, 4, 1, seed: 1), Clouds(3, 2, 1, seed: 2));
        string[] names = ["a", "b", "c"];
        using var two = eye(2);
        Assert.Throws<ArgumentOutOfRangeException>("weightDecay", () => LinearProbe.Fit(two, [0, 1], 2, 0));
        Assert.Throws<ArgumentOutOfRangeException>("classes", () => LinearProbe.Fit(two, [0, 0], 1, 1));
        Assert.Contains("picture 1 is 2", Assert.Throws<ArgumentException>("labels", () => LinearProbe.Fit(two, [0, 2], 2, 1)).Message);
        Assert.Throws<ArgumentException>("features", () => LinearProbe.Fit(two, [0], 2, 1));
        Assert.Contains("not finite", Assert.Throws<ArgumentException>("features", () => LinearProbe.Fit(two / 0, [0, 1], 2, 1)).Message);
        Assert.Contains("picture 0 is -1", Assert.Throws<ArgumentException>("labels", () => new LabelledEmbeddings(two, [-1, 0])).Message);
        Assert.Throws<OperationCanceledException>(() => LinearProbe.Fit(train.Embeddings, train.Labels, 3, 1e-3, cancellationToken: new(canceled: true)));

        var part = train.Select([.. Enumerable.Range(0, train.Labels.Count).Where(i => train.Labels[i] != 1)]);
        Assert.Contains("1 classes have no picture to learn from: b", Assert.Throws<ArgumentException>("train", () => LinearProbeEvaluation.Run(part, test, names)).Message);
        Assert.Throws<ArgumentException>("test", () => LinearProbeEvaluation.Run(train, new LabelledEmbeddings(ones(1, 3), [0]), names));
        Assert.Throws<ArgumentException>("validation", () => LinearProbeEvaluation.Run(train, test, names, validation: new LabelledEmbeddings(ones(1, 12), [7])));
        var single = train.Select([.. Enumerable.Range(0, 3).Select(label => train.Labels.ToList().IndexOf(label))]);
        Assert.Contains("to validate the decay with", Assert.Throws<ArgumentException>("train", () => LinearProbeEvaluation.Run(single, test, names)).Message);
        Assert.Contains("a has 4", Assert.Throws<ArgumentException>("train", () => FewShotEvaluation.Run(train, test, names, new() { Shots = [5] })).Message);
        Assert.Contains("none to validate", Assert.Throws<ArgumentException>("train", () => FewShotEvaluation.Run(train, test, names, new() { Shots = [4] })).Message);
        Assert.Throws<ArgumentException>("options", () => FewShotEvaluation.Run(train, test, names, new() { Shots = [0] }));
    }

    [Fact]
    public async Task PicturesAreEmbeddedWithTheirLabels()
    {
        string[] files = ["x_cat.jpg", "x_dog.jpg", "x_man.jpg"];
        LabelledImage[] images = [.. files.Select((file, i) => new LabelledImage(ImageSource.FromFile(TestData.Path("images", "real", file)), i)),
            new(ImageSource.FromBytes(new byte[9], "broken.jpg"), 5)];
        var before = LiveTensors.Count();
        await Assert.ThrowsAsync<ImageException>(() => LabelledEmbeddings.EncodeAsync(shared.Pipeline, images));
        await Assert.ThrowsAsync<ImageException>(() => LabelledEmbeddings.EncodeAsync(shared.Skipping, images[3..]));
        Assert.Equal(before, LiveTensors.Count());
        using (var embedded = await LabelledEmbeddings.EncodeAsync(shared.Skipping, images))
        {
            Assert.Equal(before + 1, LiveTensors.Count());
            Assert.Equal([0, 1, 2], embedded.Labels);
            Assert.Equal("broken.jpg", Assert.Single(embedded.Skipped).Name);
            var numbers = embedded.Embeddings.data<float>().Chunk((int)embedded.Embeddings.shape[1]).ToList();
            for (var i = 0; i < 3; i++)
                Assert.Equal(shared.Picture(images[i].Image), numbers[i].Select(x => (double)x), (a, b) => Math.Abs(a - b) < 1e-5);
        }
        Assert.Equal(before, LiveTensors.Count());
    }

    // Of each class a cloud around a point of its own, so wide that some overlap.
    private static LabelledEmbeddings Clouds(int classes, int each, double spread, long seed)
    {
        using var scope = NewDisposeScope();
        using var centres = rand(classes, 12, generator: new Generator(77)) * 2 - 1;
        var random = new Generator((ulong)seed);
        int[] labels = [.. Enumerable.Range(0, classes * each).Select(i => i * 7 % classes)];
        var rows = centres.index_select(0, tensor(labels.Select(label => (long)label).ToArray())) + randn(labels.Length, 12, generator: random) * spread;
        return new LabelledEmbeddings(rows.DetachFromDisposeScope(), labels);
    }
}
