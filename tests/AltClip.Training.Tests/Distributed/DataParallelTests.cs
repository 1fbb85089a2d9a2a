using AltClip.Checkpoints;
using AltClip.Conformance.Training2;
using AltClip.Tests;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Training.Tests;

/// <summary>Several processes against PyTorch's float64, and against each other.</summary>
[Collection(nameof(ProcessWide))]
public sealed class DataParallelTests : IDisposable
{
    private readonly int _threads = get_num_threads();
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly SafeTensors _tensors = SafeTensors.Open(TestData.Path("training2", "tensors.safetensors"));
    private readonly IReadOnlyList<Training2Case> _cases;

    public DataParallelTests()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Gloo is in libtorch for Linux.");
        set_num_threads(1);
        _cases = Training2Group.Read(TestData.Path("training2"), _tensors);
    }

    public void Dispose()
    {
        set_num_threads(_threads);
        _tensors.Dispose();
        _scope.Dispose();
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
        var share = 0.0;
        LiveTensors.AssertUnchanged(() => share = Training2Group.RunCase(Case("gather/" + name)));
        TestContext.Current.TestOutputHelper!.WriteLine($"{share:f3} of what is allowed");
    }

    [Fact]
    public void OneTwoAndFourProcessesTrainTheSame()
    {
        var test = Case("data-parallel/adamw-20");
        var criterion = new TrajectoryCriterion(test);
        List<Trajectory> results = [];
        foreach (var (worldSize, local) in new[] { (1, false), (2, false), (2, true), (4, false), (4, true) })
        {
            var ranks = TrajectoryCases.Train(test, worldSize, local);
            TestContext.Current.TestOutputHelper!.WriteLine($"{worldSize} processes, local {local}: {criterion.Check(ranks[0]):f3} of what is allowed");
            Assert.All(ranks, rank => Assert.All(rank.Parameters, p => Assert.True(p.Value.equal(ranks[0].Parameters[p.Key]).all().item<bool>(), p.Key)));
            Assert.All(ranks.Skip(1), rank => Assert.Empty(rank.Losses));
            results.Add(ranks[0]);
        }
        foreach (var other in results.Skip(1))
        {
            var apart = results[0].Parameters.ToLookup(p => IsKeyBias(p.Key), p => (p.Value - other.Parameters[p.Key]).abs().max().ToDouble());
            TestContext.Current.TestOutputHelper!.WriteLine($"from one process: {apart[false].Max():g3}, biases of keys {apart[true].Max():g3}");
            Assert.InRange(apart[false].Max(), 0, 1e-5);
            Assert.Equal(0, apart[true].Max());
        }
    }

    // Their gradient is 0, and what rounding would make of it AdamW would make a step of.
    private static bool IsKeyBias(string name) => name.EndsWith("key.bias", StringComparison.Ordinal) || name.EndsWith("k_proj.bias", StringComparison.Ordinal);

    private Training2Case Case(string name) => _cases.Single(test => test.Name == name);
}
