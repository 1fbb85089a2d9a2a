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
            var apart = results[0].Parameters.ToLookup(p => IsKeyBias(p.Key), p =>
            {
                var difference = (p.Value - other.Parameters[p.Key]).abs().to(float64);
                return (Most: difference.max().ToDouble(), OfAllowed: (difference / test.Output("allow." + p.Key)).max().ToDouble());
            });
            var keys = (Most: apart[true].Max(p => p.Most), OfAllowed: apart[true].Max(p => p.OfAllowed));
            TestContext.Current.TestOutputHelper!.WriteLine(
                $"from one process: {apart[false].Max(p => p.Most):g3}, biases of keys {keys.Most:g3}, which is {keys.OfAllowed:g3} of what is allowed");
            Assert.InRange(apart[false].Max(p => p.Most), 0, 1e-5);
            // The gradient of a key's bias is rounding alone, of which AdamW makes a step: by the processor 3e-5 to 4.5e-5 apart, two processes
            // too, whose sum has one order only. So it is the reference's allowance that says how far.
            Assert.InRange(keys.OfAllowed, 0, 0.25);
        }
    }

    // Its gradient is 0 but for rounding, which AdamW makes a step of.
    private static bool IsKeyBias(string name) => name.EndsWith("key.bias", StringComparison.Ordinal) || name.EndsWith("k_proj.bias", StringComparison.Ordinal);

    private Training2Case Case(string name) => _cases.Single(test => test.Name == name);
}
