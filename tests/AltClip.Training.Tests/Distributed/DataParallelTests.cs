using System.Text.Json.Nodes;
using AltClip.Checkpoints;
using AltClip.Conformance;
using AltClip.Tests;
using AltClip.Training.Losses;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Training.Tests;

/// <summary>Several processes against PyTorch's float64, and against each other.</summary>
[Collection(nameof(ProcessWide))]
public sealed class DataParallelTests : IDisposable
{
    private readonly int _threads = get_num_threads();
    private readonly SafeTensors _tensors = SafeTensors.Open(TestData.Path("data-parallel", "tensors.safetensors"));
    private readonly DataParallelCases _cases;

    public DataParallelTests()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Gloo is in libtorch for Linux.");
        set_num_threads(1);
        var file = JsonNode.Parse(File.ReadAllText(TestData.Path("data-parallel", "cases.json")))!;
        _cases = new(
            file["cases"]!.AsArray(), file["criterion"]!.AsObject(), _tensors, name => TestData.Path("data-parallel", name),
            TrainingLosses.All.Create);
    }

    public void Dispose()
    {
        set_num_threads(_threads);
        _tensors.Dispose();
    }

    [Theory]
    [InlineData("contrastive-2-global")]
    [InlineData("contrastive-2-local")]
    [InlineData("contrastive-4-global")]
    [InlineData("contrastive-4-local")]
    [InlineData("siglip-2")]
    [InlineData("siglip-4")]
    public void GatheredEmbeddingsHaveTheWholeBatchsGradient(string name)
    {
        using var scope = NewDisposeScope();
        var share = GatheredCase.Run(_cases, _cases.Case("gather/" + name));
        TestContext.Current.TestOutputHelper!.WriteLine($"{share:f3} of what is allowed");
    }

    [Fact]
    public void OneTwoAndFourProcessesTrainTheSame()
    {
        using var scope = NewDisposeScope();
        var test = _cases.Case("data-parallel/adamw-20");
        List<TrajectoryResult> results = [];
        foreach (var (worldSize, local) in new[] { (1, false), (2, false), (2, true), (4, false), (4, true) })
        {
            var ranks = TrajectoryCase.Train(_cases, test, worldSize, local);
            var share = TrajectoryCase.Hold(_cases, test, ranks[0]);
            TestContext.Current.TestOutputHelper!.WriteLine($"{worldSize} processes, local {local}: {share:f3} of what is allowed");
            Assert.All(ranks, rank => Assert.All(rank.Parameters, p => Assert.True(p.Value.equal(ranks[0].Parameters[p.Key]).all().item<bool>(), p.Key)));
            Assert.All(ranks.Skip(1), rank => Assert.Equal(0, rank.Losses.numel()));
            results.Add(ranks[0]);
        }
        foreach (var other in results.Skip(1))
        {
            var differences = results[0].Parameters.ToLookup(p => IsKeyBias(p.Key), p => (p.Value - other.Parameters[p.Key]).abs().max().ToDouble());
            TestContext.Current.TestOutputHelper!.WriteLine($"from one process: {differences[false].Max():g3}, biases of keys {differences[true].Max():g3}");
            Assert.InRange(differences[false].Max(), 0, 1e-5);
            // PyTorch's own runs were seen to be up to 3e-5 apart, these up to 3.5e-5; against the reference each takes a tenth of its allowance.
            Assert.InRange(differences[true].Max(), 0, 4e-5);
        }
    }

    // Its gradient is 0 but for rounding, which AdamW makes a step of.
    private static bool IsKeyBias(string name) => name.EndsWith("key.bias", StringComparison.Ordinal) || name.EndsWith("k_proj.bias", StringComparison.Ordinal);
}
