using AltClip.Training.Optimization;

namespace AltClip.Conformance.Training2;

/// <summary>The learning rate of each step.</summary>
internal static class ScheduleCases
{
    public static double Run(Training2Case test)
    {
        var expected = test.Expected["lr"]!.AsArray().Select(rate => (double)rate!).ToArray();
        var (rates, allow, worst) = (Rates(test), test.Allow("relative"), 0.0);
        for (var step = 0; step < expected.Length; step++)
        {
            var difference = Math.Abs(rates(step) - expected[step]);
            if (!(difference <= allow * Math.Abs(expected[step]))) throw new MismatchException($"the rate of step {step} is {rates(step):R}; expected {expected[step]:R}");
            if (difference > 0) worst = Math.Max(worst, difference / expected[step] / allow);
        }
        return worst;
    }

    private static Func<long, double> Rates(Training2Case test)
    {
        var (rate, warmup, steps) = ((double)test.Options["lr"]!, (long)test.Options["warmup"]!, (long?)test.Options["steps"] ?? 0);
        string[] common = ["lr", "warmup", "steps"];
        switch (test.Name["schedule/".Length..].Split(',')[0])
        {
            case "open_clip cosine" or "open_clip cosine without warm-up":
                test.OnlyOptions(common);
                return LearningRates.Cosine(rate, warmup, steps);
            case "open_clip const":
                test.OnlyOptions(common);
                return LearningRates.Constant(rate, warmup);
            case "open_clip const-cooldown":
                test.OnlyOptions([.. common, "cooldown_steps", "power", "end_lr"]);
                return LearningRates.ConstantWithCooldown(
                    rate, warmup, steps, (long)test.Options["cooldown_steps"]!, (double)test.Options["power"]!, (double)test.Options["end_lr"]!);
            case "transformers cosine":
                test.OnlyOptions(common);
                return LearningRates.TransformersCosine(rate, warmup, steps);
            case "transformers linear":
                test.OnlyOptions(common);
                return LearningRates.TransformersLinear(rate, warmup, steps);
            case "transformers constant":
                test.OnlyOptions("lr", "warmup");
                return LearningRates.TransformersConstant(rate, warmup);
            default:
                throw new MismatchException($"{test.Name} is not known");
        }
    }
}
