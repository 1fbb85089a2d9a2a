using System.Text.Json.Nodes;
using AltClip.Checkpoints;
using AltClip.Conformance;
using AltClip.Conformance.Training2;
using AltClip.Tests;
using AltClip.Training.Losses;
using AltClip.Training.Optimization;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Training.Tests.Training2;

/// <summary>The criterion of trajectories lets right training pass and catches each fault that is planted.</summary>
[Collection(nameof(ProcessWide))]
public sealed class TrajectoryFaultTests : IDisposable
{
    private const string Plain = "contrastive/adamw-groups-clip";
    private const string Scheduled = "contrastive/adamw-warmup-cosine";
    private const string Layered = "layer-decay/adamw";

    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();
    private readonly SafeTensors _tensors = SafeTensors.Open(TestData.Path("training2", "tensors.safetensors"));
    private readonly IReadOnlyList<Training2Case> _cases;
    private readonly int _threads = get_num_threads();

    // On models as small as these, threads wait for each other most of the time.
    public TrajectoryFaultTests()
    {
        set_num_threads(1);
        _cases = Training2Group.Read(TestData.Path("training2"), _tensors);
    }

    public void Dispose()
    {
        set_num_threads(_threads);
        _tensors.Dispose();
        _scope.Dispose();
    }

    [Fact]
    public void TheBooksAdamWHolds() => Assert.InRange(Worst(Case(Plain), new FaultyAdamW().Train(Case(Plain))), 0, 1);

    public static TheoryData<string> OptimizerFaults => ["coupled decay", "no bias correction", "only the first", "epsilon inside the root"];

    [Theory]
    [MemberData(nameof(OptimizerFaults))]
    public void AFaultOfTheOptimizerIsCaught(string fault)
    {
        var faulty = fault switch
        {
            "coupled decay" => new FaultyAdamW { CouplesDecay = true },
            "no bias correction" => new FaultyAdamW { LeavesBias = true },
            "only the first" => new FaultyAdamW { LeavesSecondBias = true },
            _ => new FaultyAdamW { AddsEpsilonInsideTheRoot = true },
        };
        AssertCaught(Worst(Case(Plain), faulty.Train(Case(Plain))));
    }

    public static TheoryData<string, string> OptionFaults => new()
    {
        { Plain, "beta1" }, { Plain, "beta2" }, { Plain, "clip by 1 %" }, { Plain, "no clip" }, { Plain, "decay of everything" },
        { Plain, "rates 1 % off" }, { Plain, "logit_scale not clamped" }, { Scheduled, "a step early" }, { Scheduled, "warm-up from 0" },
        { Layered, "no layer decay" }, { Layered, "layer decay a step off" }, { Layered, "another layer decay" }, { Plain, "Muon" },
    };

    [Theory]
    [MemberData(nameof(OptionFaults))]
    public void AWrongOptionIsCaught(string name, string fault)
    {
        var right = TrajectoryCases.Options(Case(name));
        var rates = right.Schedule!;
        AssertCaught(Worst(Case(name), TrajectoryCases.Train(Case(name), fault switch
        {
            "beta1" => right with { Beta1 = 0.91 },
            "beta2" => right with { Beta2 = 0.999 },
            "clip by 1 %" => right with { ClipGradientNorm = 1.01 * right.ClipGradientNorm },
            "no clip" => right with { ClipGradientNorm = null },
            "decay of everything" => right with { DecayAll = true },
            "rates 1 % off" => right with { Schedule = step => 1.01 * rates(step) },
            "logit_scale not clamped" => right with { MaxLogitScale = Math.Log(100) },
            "a step early" => right with { Schedule = step => rates(Math.Min(step + 1, right.Steps - 1)) },
            "warm-up from 0" => right with { Schedule = LearningRates.TransformersCosine(right.LearningRate, 4, right.Steps) },
            "no layer decay" => right with { RateScales = new Dictionary<string, double>() },
            "layer decay a step off" => right with
            {
                RateScales = right.RateScales.ToDictionary(p => p.Key, p => p.Value < 1 ? p.Value * (p.Key.StartsWith("text", StringComparison.Ordinal) ? 0.65 : 0.8) : 1),
            },
            "another layer decay" => right with { RateScales = right.RateScales.ToDictionary(p => p.Key, p => Math.Pow(p.Value, 1.1)) },
            _ => right with { Muon = ["*.encoder.layer*"] },
        })));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(11)]
    public void ADroppedMaskIsCaughtInOneStepToo(long step) =>
        AssertCaught(Worst(Case(Plain), TrajectoryCases.Train(Case(Plain), TrajectoryCases.Options(Case(Plain)), dropMaskIn: step)));

    [Fact]
    public void DropoutLeftOnIsCaught()
    {
        using var checkpoint = new ChangedCheckpoint(Case(Plain).Checkpoint, new JsonObject { ["text_config.attention_probs_dropout_prob"] = 0.1 });
        AssertCaught(Worst(Case(Plain), TrajectoryCases.Train(Case(Plain), TrajectoryCases.Options(Case(Plain)), checkpoint: checkpoint.Folder)));
    }

    [Fact]
    public void AFrozenParameterThatTrainsIsCaught()
    {
        var right = TrajectoryCases.Options(Case(Plain));
        AssertCaught(Worst(Case(Plain), TrajectoryCases.Train(Case(Plain), right with { Frozen = ["visual_projection.weight"] })));
    }

    [Theory]
    [InlineData("sum over processes")]
    [InlineData("each for itself")]
    public void AFaultOverProcessesIsCaught(string fault)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Gloo is in libtorch for Linux.");
        var test = Case("data-parallel/adamw-20");
        var trajectories = RankThreads.Run(
            2, group => TrajectoryCases.Train(test, TrajectoryCases.Options(test) with { ProcessGroup = group }, local: true, fault: right => fault switch
            {
                "each for itself" => new ContrastiveLoss(),
                _ => new LargerGradient(right, group.WorldSize),
            }), trajectory => trajectory.Parameters.Values);
        // By the weights alone, since losses are told of one process.
        var weights = trajectories[0] with { Losses = test.Numbers("losses"), GradientNorms = test.Numbers("grad_norms") };
        AssertCaught(Worst(test, weights));
    }

    public static TheoryData<string> AverageFaults => ["another decay", "a step late", "without warm-up", "without the first copy"];

    [Theory]
    [MemberData(nameof(AverageFaults))]
    public void AWrongAverageIsCaught(string fault)
    {
        var test = Case("ema/adamw");
        var right = TrajectoryCases.Average(test.Node["ema"]!["warmup"]!.AsObject());
        Assert.InRange(AveragesWorst(right), 0, 1);
        AssertCaught(AveragesWorst(fault switch
        {
            "another decay" => right with { Decay = 0.7 },
            "a step late" => right with { UpdateAfterStep = 1 },
            "without warm-up" => right with { UseWarmup = false },
            _ => new WeightAverageOptions { Decay = right.Decay },
        }));

        double AveragesWorst(WeightAverageOptions average) =>
            new TrajectoryCriterion(test).AverageParts("warmup", TrajectoryCases.Averages(test, average)).Values.Max();
    }

    [Fact]
    public void AnotherRateOfDropoutIsCaught()
    {
        var test = _cases.Single(own => own.Name == "dropout/hidden_dropout");
        foreach (var rate in new[] { 0.09, 0.11 })
        {
            using var checkpoint = new ChangedCheckpoint(test.Checkpoint, new JsonObject { ["text_config.hidden_dropout_prob"] = rate });
            var (mean, deviation) = DropoutCases.Statistics(test, checkpoint.Folder);
            Assert.Throws<Conformance.MismatchException>(() => DropoutCases.Check(test, mean, deviation));
        }
    }

    private static double Worst(Training2Case test, Trajectory trajectory) => new TrajectoryCriterion(test).Worst(trajectory);

    // Honest float32 takes less than half of what is allowed, and a fault must take clearly more than all.
    private static void AssertCaught(double worst) => Assert.True(worst > 2, $"it takes {worst:g3} times what is allowed");

    private Training2Case Case(string name) => _cases.Single(test => test.Name == name);

    /// <summary>A loss with a gradient that is so many times its own.</summary>
    private sealed class LargerGradient(TrainingLoss right, double times) : TrainingLoss("larger")
    {
        protected override Tensor Compute(Tensor imageEmbeds, Tensor textEmbeds, Tensor logitScale)
        {
            var value = right.forward(imageEmbeds, textEmbeds, logitScale);
            return value.detach() + (value - value.detach()) * times;
        }

        // TorchSharp would take the module in the field, and dispose it with this.
        protected override void RegisterComponents()
        {
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) right.Dispose();
            base.Dispose(disposing);
        }
    }
}
