using System.Text.Json.Nodes;
using AltClip.Checkpoints;
using AltClip.Tests;
using AltClip.Training.Evaluation;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Training.Tests;

/// <summary>Metrics with ties, and the linear probe, against PyTorch's and scikit-learn's in float64.</summary>
[Collection(nameof(ProcessWide))]
public sealed class EvaluationReferenceTests : IDisposable
{
    private static readonly JsonArray Cases = JsonNode.Parse(File.ReadAllText(TestData.Path("evaluation", "cases.json")))!["cases"]!.AsArray();

    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly SafeTensors _tensors = SafeTensors.Open(TestData.Path("evaluation", "tensors.safetensors"));

    public static TheoryData<string> Probes => [.. Cases.Where(own => (string)own!["call"]! == "linear_probe").Select(own => (string)own!["name"]!)];

    public static TheoryData<string> ZeroShots => [.. Cases.Where(own => (string)own!["call"]! == "zero_shot").Select(own => (string)own!["name"]!)];

    public void Dispose()
    {
        _tensors.Dispose();
        _scope.Dispose();
    }

    [Theory]
    [MemberData(nameof(Probes))]
    public void AProbeIsAtTheMinimum(string name)
    {
        var own = Case(name);
        var (features, labels, decay) = (Input(own, "features"), Integers(Input(own, "labels")), (double)own["options"]!["weight_decay"]!);
        var before = LiveTensors.Count();
        using (var probe = LinearProbe.Fit(features, labels, (int)own["options"]!["classes"]!, decay))
        {
            Assert.True(probe.Converged);
            Assert.Equal(before + 2, Tensor.TotalCount);
            var loss = Loss(probe, features, labels, decay);
            Assert.Equal(loss, probe.Loss, 1e-12);
            Assert.InRange(loss - (double)own["expected"]!["loss"]!, -1e-9, (double)own["allow"]!["loss above expected"]!);
            Assert.Equal((double)own["expected"]!["sklearn_C"]!, 1 / (labels.Length * decay), 1e-9);

            var predicted = Integers(probe.Scores(Input(own, "test_features")).argmax(1));
            var (expected, clear) = (Integers(Output(own, "predicted")), Integers(Output(own, "clear")));
            Assert.True(clear.Sum() > 100);
            for (var i = 0; i < clear.Length; i++)
                if (clear[i] == 1) Assert.Equal(expected[i], predicted[i]);
        }
        using var train = new LabelledEmbeddings(features.alias(), labels);
        using var test = new LabelledEmbeddings(Input(own, "test_features"), Integers(Input(own, "test_labels")));
        var report = LinearProbeEvaluation.Run(train, test, ["a", "b", "c", "d", "e"], new() { WeightDecay = decay });
        Assert.Equal((double)own["expected"]!["accuracy"]!, report.Top1, 1.0 / 120 + 1e-9);
        Assert.Equal((1.0, 240, 120), (report.Top5, report.TrainingCount, report.Count));
    }

    [Fact]
    public void RetrievalCountsTiesAndRanks()
    {
        var own = Case("evaluation/retrieval");
        var report = RetrievalEvaluation.Score(Input(own, "image_embeds"), Input(own, "text_embeds"), Integers(Input(own, "image_of_text")));
        foreach (var (name, found) in new[] { ("text_retrieval", report.TextRetrieval), ("image_retrieval", report.ImageRetrieval) })
        {
            var expected = own["expected"]![name]!;
            Assert.Equal(
                ((double)expected["R@1"]!, (double)expected["R@5"]!, (double)expected["R@10"]!, (int)expected["median_rank"]!),
                (found.R1, found.R5, found.R10, found.MedianRank));
            Assert.Equal((double)expected["mean_rank"]!, found.MeanRank, 1e-12);
        }
    }

    [Theory]
    [MemberData(nameof(ZeroShots))]
    public void ZeroShotCountsTies(string name)
    {
        var own = Case(name);
        var classes = own["inputs"]!["class_embeds"] is not null ? Input(own, "class_embeds") : Unit(Unit(Input(own, "prompt_embeds")).mean([1]));
        var report = ZeroShotEvaluation.Score(Input(own, "image_embeds"), classes, Integers(Input(own, "labels")), [.. Enumerable.Range(0, 12).Select(i => $"{i}")]);
        var expected = own["expected"]!;
        Assert.Equal((double)expected["top1"]!, report.Top1, 1e-12);
        Assert.Equal((double)expected["top5"]!, report.Top5, 1e-12);
        Assert.Equal((double)expected["mean_per_class_top1"]!, report.MeanPerClass, 1e-12);
    }

    private static JsonNode Case(string name) => Cases.First(own => (string)own!["name"]! == name)!;

    private static Tensor Unit(Tensor rows) => rows / rows.norm(dim: -1, keepdim: true);

    private static int[] Integers(Tensor tensor) => [.. tensor.to(ScalarType.Int64).data<long>().Select(number => (int)number)];

    // The definition, as plain loops.
    private static double Loss(LinearProbe probe, Tensor features, int[] labels, double decay)
    {
        var (weight, bias, rows) = (probe.Weight.data<double>().ToArray(), probe.Bias.data<double>().ToArray(), features.data<float>().ToArray());
        var (width, sum) = (rows.Length / labels.Length, 0.0);
        for (var i = 0; i < labels.Length; i++)
        {
            var scores = bias.Select((own, c) => own + Enumerable.Range(0, width).Sum(j => weight[c * width + j] * rows[i * width + j])).ToArray();
            sum += Math.Log(scores.Sum(Math.Exp)) - scores[labels[i]];
        }
        return sum / labels.Length + decay / 2 * weight.Sum(own => own * own);
    }

    private Tensor Input(JsonNode own, string name) => _tensors[(string)own["inputs"]![name]!];

    private Tensor Output(JsonNode own, string name) => _tensors[(string)own["outputs"]![name]!];
}
