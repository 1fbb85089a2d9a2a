using System.Text.Json.Nodes;
using AltClip.Training;
using AltClip.Training.Distributed;
using TorchSharp;
using static TorchSharp.torch;

namespace AltClip.Conformance;

/// <summary>A trajectory that is the same for any number of processes, by <see cref="Trainer"/>: <c>data-parallel/adamw-20</c>.</summary>
internal static class TrajectoryCase
{
    /// <summary>Trains as the case says, with some number of ranks.</summary>
    /// <returns>Each rank's parameters in the end, and what rank 0 was told.</returns>
    public static IReadOnlyList<TrajectoryResult> Train(DataParallelCases cases, JsonObject test, int worldSize, bool local) => worldSize == 1
        ? [Train(cases, test, null, local)]
        : RankThreads.Run(worldSize, group => Train(cases, test, group, local));

    /// <summary>Holds a result against the case's criterion.</summary>
    /// <returns>The largest part of an allowance that was used, 1 at most.</returns>
    /// <exception cref="MismatchException">A result is not the reference's.</exception>
    public static double Hold(DataParallelCases cases, JsonObject test, TrajectoryResult result)
    {
        using var scope = NewDisposeScope();
        var criterion = cases.Criterion;
        List<double> shares =
        [
            DataParallelCases.Share("losses", result.Losses, cases.Expected(test, "losses"), (double)criterion["losses_absolute"]!),
            DataParallelCases.Share(
                "grad_norms", result.GradientNorms, cases.Expected(test, "grad_norms"), cases.Expected(test, "grad_norms") * (double)criterion["grad_norms_relative"]!),
        ];
        Compare.SameNames("parameters", result.Parameters.Keys, DataParallelCases.Names(test, "param."));
        var update = 0.0;
        foreach (var (name, actual) in result.Parameters)
        {
            var (expected, allow) = (cases.Expected(test, "param." + name), cases.Expected(test, "allow." + name));
            shares.Add(DataParallelCases.Share(name, actual, expected, allow));
            var held = allow.le((double)criterion["held_below"]!);
            update += ((actual.to(float64) - expected.to(float64)) * held).square().sum().ToDouble();
        }
        var part = Math.Sqrt(update) / (double)test["options"]!["update_norm"]! / (double)criterion["update_at_most"]!;
        return part <= 1 ? Math.Max(part, shares.Max()) : throw new MismatchException($"the update differs by {part:g3} of what is allowed");
    }

    private static TrajectoryResult Train(DataParallelCases cases, JsonObject test, ProcessGroup? group, bool local)
    {
        var options = test["options"]!;
        var steps = options["batches"]!.AsArray().Select(step => step!.AsArray().Select(n => (int)n!).ToArray()).ToList();
        var (rank, worldSize) = (group?.Rank ?? 0, group?.WorldSize ?? 1);
        if (options["schedule"]!.AsArray().Any(rate => (double)rate! != (double)options["lr"]!)) throw new MismatchException("the schedule is not constant");
        using var loss = cases.CreateLoss(test);
        using var gathered = group is null ? loss : new GatheredLoss(loss, group, local);
        using var model = cases.Model(test, loss);
        using var trainer = new Trainer(model, n =>
        {
            var rows = cases.Rows(test, steps[(int)n], rank, worldSize);
            var output = model.forward(rows[0], rows[2], rows[1]);
            return gathered.forward(output.ImageEmbeds, output.TextEmbeds, model.logit_scale);
        }, new TrainerOptions
        {
            Steps = steps.Count,
            LearningRate = (double)options["lr"]!,
            FinalLearningRate = (double)options["lr"]!,
            Beta1 = (double)options["betas"]![0]!,
            Beta2 = (double)options["betas"]![1]!,
            Epsilon = (double)options["eps"]!,
            WeightDecay = (double)options["weight_decay"]!,
            ClipGradientNorm = (double?)options["clip_grad_norm"],
            MaxLogitScale = (double)options["clamp_logit_scale"]![1]!,
            ProcessGroup = group,
        });
        var told = new Told();
        trainer.Run(told);
        return new(
            model.named_parameters().ToDictionary(p => p.name, p => p.parameter.detach().clone()),
            tensor(told.Reports.Select(report => report.Loss).ToArray()), tensor(told.Reports.Select(report => report.GradientNorm).ToArray()));
    }

    private sealed class Told : IProgress<TrainingProgress>
    {
        public List<TrainingProgress> Reports { get; } = [];

        public void Report(TrainingProgress value) => Reports.Add(value);
    }
}

/// <summary>What a rank came to.</summary>
/// <param name="Parameters">Its parameters in the end.</param>
/// <param name="Losses">The loss of each step; empty but for rank 0.</param>
/// <param name="GradientNorms">The gradient's norm of each step; empty but for rank 0.</param>
internal sealed record TrajectoryResult(IReadOnlyDictionary<string, Tensor> Parameters, Tensor Losses, Tensor GradientNorms);
