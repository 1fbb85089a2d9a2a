using System.Text.Json.Nodes;
using AltClip.Training;
using AltClip.Training.Distributed;
using AltClip.Training.Losses;
using AltClip.Training.Optimization;
using static TorchSharp.torch;

namespace AltClip.Conformance.Training2;

/// <summary>Some steps of training by the library's trainer.</summary>
internal static class TrajectoryCases
{
    public static double Run(Training2Case test)
    {
        test.OnlyOptions(
            "loss", "batches", "concatenate", "lr", "schedule", "betas", "eps", "weight_decay", "no_decay", "frozen", "clip_grad_norm",
            "clamp_logit_scale", "lr_scale", "init", "muon", "update_norm");
        var criterion = new TrajectoryCriterion(test);
        using (var model = AltCLIPModel.FromPretrained(test.Checkpoint)) GroupCases.CheckOptions(test, model);
        // The same by each number of processes that the case names, and by both forms of the loss.
        var ways = (test.Node["world_sizes"]?.AsArray().Select(size => (int)size!) ?? [1])
            .SelectMany(size => size == 1 ? [false] : new[] { false, true }, (size, local) => (size, local));
        var worst = 0.0;
        foreach (var (size, local) in ways)
        {
            using var scope = NewDisposeScope();
            worst = Math.Max(worst, criterion.Check(Train(test, size, local)[0]));
        }
        foreach (var (kind, average) in test.Node["ema"]?.AsObject() ?? [])
        {
            using var scope = NewDisposeScope();
            var parts = criterion.AverageParts(kind, Averages(test, Average(average!.AsObject())));
            if (parts.Values.Max() is var most && !(most <= 1)) throw new MismatchException($"the average {kind} takes {most:g3} times what is allowed");
            worst = Math.Max(worst, most);
        }
        return worst;
    }

    /// <summary>The trainer's options that a case asks for.</summary>
    public static TrainerOptions Options(Training2Case test)
    {
        var options = test.Options;
        var rates = options["schedule"]!.AsArray().Select(rate => (double)rate!).ToArray();
        var batches = options["batches"]!.AsArray();
        var (lowest, highest) = ((double)options["clamp_logit_scale"]![0]!, (double)options["clamp_logit_scale"]![1]!);
        if (lowest != 0) throw new MismatchException($"logit_scale is clamped to {lowest}; expected 0");
        if (rates.Length != batches.Count) throw new MismatchException($"there are {rates.Length} rates for {batches.Count} steps");
        var muon = options["muon"] as JsonObject;
        return new TrainerOptions
        {
            Steps = batches.Count,
            Accumulate = (bool)options["concatenate"]! ? 1 : batches[0]!.AsArray().Count,
            LearningRate = (double)options["lr"]!,
            Schedule = step => rates[step],
            Beta1 = (double)options["betas"]![0]!,
            Beta2 = (double)options["betas"]![1]!,
            Epsilon = (double)options["eps"]!,
            WeightDecay = (double)options["weight_decay"]!,
            DecayAll = (string?)options["no_decay"] switch
            {
                null => true,
                "parameters of fewer than 2 dimensions" => false,
                var rule => throw new MismatchException($"no_decay {rule} is not known"),
            },
            Frozen = [.. options["frozen"]!.AsArray().Select(name => (string)name!)],
            ClipGradientNorm = (double?)options["clip_grad_norm"],
            MaxLogitScale = highest,
            RateScales = options["lr_scale"]!.AsObject().ToDictionary(p => p.Key, p => (double)p.Value!),
            Muon = [.. muon?["parameters"]!.AsArray().Select(name => (string)name!) ?? []],
            MuonScale = muon is null ? default : OptimizerCases.Scale(muon),
        };
    }

    /// <summary>Trains as a case says with some number of processes.</summary>
    /// <param name="test">The case.</param>
    /// <param name="worldSize">How many.</param>
    /// <param name="local">Whether each has the loss of its own rows alone.</param>
    /// <param name="join">How they join, if not as <see cref="ProcessGroup.Join"/> does.</param>
    /// <returns>What each of them came to; losses and norms are told to the first only.</returns>
    public static Trajectory[] Train(Training2Case test, int worldSize, bool local, Func<ProcessGroupOptions, ProcessGroup>? join = null) => worldSize == 1
        ? [Train(test, Options(test))]
        : RankThreads.Run(
            worldSize, group => Train(test, Options(test) with { ProcessGroup = group }, local: local), trajectory => trajectory.Parameters.Values, join);

    /// <summary>Trains as the options say, which a test may have made wrong.</summary>
    /// <param name="test">The case.</param>
    /// <param name="options">The trainer's options.</param>
    /// <param name="dropMaskIn">The step in which padding is attended to; -1 for none.</param>
    /// <param name="checkpoint">The model's folder, if it isn't the case's.</param>
    /// <param name="local">Whether each process compares its own pairs only with all.</param>
    /// <param name="fault">What is put in place of the loss of all processes' pairs.</param>
    public static Trajectory Train(
        Training2Case test, TrainerOptions options, long dropMaskIn = -1, string? checkpoint = null, bool local = false,
        Func<TrainingLoss, TrainingLoss>? fault = null)
    {
        var (losses, norms) = (new List<double>(), new List<double>());
        using var trained = new TrainedLoss(test, checkpoint, options.ProcessGroup, local, fault);
        var frozen = options.Frozen.ToDictionary(name => name, name => trained.Parameters[name].detach().clone());
        using var trainer = NewTrainer(test, trained, options, dropMaskIn);
        trainer.Run(new OnProgress(progress =>
        {
            losses.Add(progress.Loss);
            norms.Add(progress.GradientNorm);
        }));
        if (frozen.FirstOrDefault(p => !p.Value.equal(trained.Parameters[p.Key]).all().item<bool>()).Key is { } moved)
            throw new MismatchException($"{moved} is frozen and changed");
        return new Trajectory(losses, norms, Copies(trained));
    }

    /// <summary>The average of the weights after a case's steps.</summary>
    public static Dictionary<string, Tensor> Averages(Training2Case test, WeightAverageOptions average)
    {
        using var trained = new TrainedLoss(test);
        using var trainer = NewTrainer(test, trained, Options(test) with { Average = average }, dropMaskIn: -1);
        trainer.Run();
        trainer.TakeAverage();
        return Copies(trained);
    }

    /// <summary>What timm's averages are here, their decays checked.</summary>
    public static WeightAverageOptions Average(JsonObject kind)
    {
        string[] known = ["of", "decay", "use_warmup", "warmup_power", "warmup_gamma", "update_after_step", "min_decay", "decay_by_step"];
        if (kind.Select(p => p.Key).Except(known).FirstOrDefault() is { } unknown) throw new MismatchException($"{unknown} of an average is not known");
        var plain = new WeightAverageOptions { Decay = (double)kind["decay"]! };
        var average = (string)kind["of"]! switch
        {
            "timm.utils.ModelEmaV2" => plain,
            "timm.utils.ModelEmaV3, step counted from 1" => plain with
            {
                UpdateAfterStep = (long?)kind["update_after_step"] ?? 0,
                UseWarmup = (bool?)kind["use_warmup"] ?? false,
                WarmupGamma = (double?)kind["warmup_gamma"] ?? plain.WarmupGamma,
                WarmupPower = (double?)kind["warmup_power"] ?? plain.WarmupPower,
                MinDecay = (double?)kind["min_decay"] ?? plain.MinDecay,
            },
            var of => throw new MismatchException($"the average {of} is not known"),
        };
        var decays = kind["decay_by_step"]!.AsArray();
        for (var i = 0; i < decays.Count; i++)
        {
            if (!(Math.Abs(average.DecayAt(i + 1) - (double)decays[i]!) <= 1e-12))
                throw new MismatchException($"the decay of step {i + 1} is {average.DecayAt(i + 1)}; expected {decays[i]}");
        }
        return average;
    }

    private static Trainer NewTrainer(Training2Case test, TrainedLoss trained, TrainerOptions options, long dropMaskIn)
    {
        int[][] batches = [.. test.Options["batches"]!.AsArray().Select(step => step!.AsArray().Select(number => (int)number!).ToArray())];
        return new Trainer(trained.Trained, n =>
        {
            var (step, part) = (n / options.Accumulate, (int)(n % options.Accumulate));
            int[] numbers = (bool)test.Options["concatenate"]! ? batches[step] : [batches[step][part]];
            return trained.Of(numbers, dropMask: step == dropMaskIn);
        }, options);
    }

    private static Dictionary<string, Tensor> Copies(TrainedLoss trained) => trained.Parameters.ToDictionary(p => p.Key, p => p.Value.detach().clone());

    private sealed class OnProgress(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
