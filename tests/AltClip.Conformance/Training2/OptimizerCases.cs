using System.Text.Json.Nodes;
using AltClip.Training;
using AltClip.Training.Optimization;
using static TorchSharp.torch;

namespace AltClip.Conformance.Training2;

/// <summary>Optimisers alone, by the trainer: a loss whose gradients are those given.</summary>
internal static class OptimizerCases
{
    public static double AdamW(Training2Case test)
    {
        test.OnlyOptions("lr", "betas", "eps", "weight_decay");
        return Steps(test, new TrainerOptions
        {
            Steps = test.Input("grads").shape[0],
            Beta1 = (double)test.Options["betas"]![0]!,
            Beta2 = (double)test.Options["betas"]![1]!,
            Epsilon = (double)test.Options["eps"]!,
        });
    }

    public static double Muon(Training2Case test)
    {
        test.OnlyOptions("lr", "weight_decay", "adjust_lr_fn", "momentum", "nesterov", "ns_coefficients", "ns_steps", "eps");
        return Steps(test, new TrainerOptions { Steps = test.Input("grads").shape[0], Muon = ["*"], MuonScale = Scale(test.Options) });
    }

    public static double Clipping(Training2Case test)
    {
        test.OnlyOptions("max_norm");
        string[] names = [.. test.Inputs];
        using var module = new GivenGradients([.. names.Select(name => zeros_like(test.Input(name)))]);
        double norm = 0;
        Run(module, _ => [.. names.Select(test.Input)], new TrainerOptions { Steps = 1, ClipGradientNorm = (double)test.Options["max_norm"]! }, p => norm = p.GradientNorm);
        var relative = test.Allow("relative");
        var expected = test.Numbers("norm")[0];
        if (!(Math.Abs(norm / expected - 1) <= relative)) throw new MismatchException($"the norm is {norm}; expected {expected}");
        return names.Select((name, i) => test.Part(name, module.Values[i].grad!, relative * test.Output(name).abs().max().item<double>())).Max();
    }

    public static double NewtonSchulz(Training2Case test)
    {
        test.OnlyOptions("momentum", "nesterov", "ns_coefficients", "ns_steps", "eps");
        CheckForm(test.Options);
        using var noGrad = no_grad();
        var part = test.Part("orthogonal", MuonSteps.Orthogonal(test.Input("matrix")), test.Allow("float32 to orthogonal"));
        if ((double?)test.Node["allow"]!["bfloat16 to orthogonal, norm of the difference over norm"] is { } allow)
        {
            var expected = test.Output("orthogonal");
            var difference = (MuonSteps.Orthogonal(test.Input("matrix"), ScalarType.BFloat16).to(ScalarType.Float64) - expected).norm().item<double>();
            if (!(difference <= allow * expected.norm().item<double>())) throw new MismatchException($"in bfloat16 the difference's norm is {difference:g3}");
        }
        return part;
    }

    /// <summary>The factor on Muon's rate, of options that are otherwise the only ones there are.</summary>
    public static MuonScale Scale(JsonObject options)
    {
        CheckForm(options);
        return (string)options["adjust_lr_fn"]! switch
        {
            "match_rms_adamw" => MuonScale.MatchRmsAdamW,
            "original" => MuonScale.Original,
            var name => throw new MismatchException($"adjust_lr_fn {name} is not known"),
        };
    }

    private static void CheckForm(JsonObject options)
    {
        var form = string.Join(' ', new[] { "momentum", "nesterov", "ns_coefficients", "ns_steps", "eps" }.Select(name => options[name]!.ToJsonString()));
        if (form != "0.95 true [3.4445,-4.775,2.0315] 5 1e-07") throw new MismatchException($"Muon as {form} is not known");
    }

    private static double Steps(Training2Case test, TrainerOptions options)
    {
        using var module = new GivenGradients([test.Input("param").clone()]);
        var (gradients, expected) = (test.Input("grads"), test.Output("params"));
        var (step, worst) = (0, 0.0);
        var all = options with
        {
            LearningRate = (double)test.Options["lr"]!,
            Schedule = _ => (double)test.Options["lr"]!,
            WeightDecay = (double)test.Options["weight_decay"]!,
            DecayAll = true,
            ClipGradientNorm = null,
        };
        Run(module, n => [gradients[n]], all, _ =>
        {
            worst = Math.Max(worst, Training2Case.Part($"params[{step}]", module.Values[0], expected[step], test.Allow("params")));
            step++;
        });
        return worst;
    }

    private static void Run(GivenGradients module, Func<long, Tensor[]> gradients, TrainerOptions options, Action<TrainingProgress> report)
    {
        using var trainer = new Trainer(module, n => module.Loss(gradients(n)), options);
        trainer.Run(new Told(report));
    }

    private sealed class Told(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
