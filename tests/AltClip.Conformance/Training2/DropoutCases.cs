using static TorchSharp.torch;

namespace AltClip.Conformance.Training2;

/// <summary>Mean and deviation of each element of a pooled output over many draws of dropout at one place.</summary>
internal static class DropoutCases
{
    private const int Draws = 4096;
    private const int AtOnce = 64;

    public static double Run(Training2Case test)
    {
        test.OnlyOptions("config", "output", "draws");
        using var checkpoint = new ChangedCheckpoint(test.Checkpoint, test.Options["config"]!.AsObject());
        var (mean, deviation) = Statistics(test, checkpoint.Folder);
        return Check(test, mean, deviation);
    }

    /// <summary>Holds a mean and a deviation against the reference's.</summary>
    public static double Check(Training2Case test, Tensor mean, Tensor deviation)
    {
        var (expected, spread) = (test.Output("mean"), test.Output("deviation"));
        var room = 6 * Math.Sqrt(1.0 / Draws + 1.0 / (double)test.Options["draws"]!);
        var off = ((mean - expected).abs() / spread).max().item<double>() / room;
        var ratio = Math.Abs((deviation / spread).mean().item<double>() - 1) / test.Allow("mean over all elements of deviation/expected deviation, from 1");
        if (!(off <= 1)) throw new MismatchException($"a mean takes {off:g3} times what is allowed");
        if (!(ratio <= 1)) throw new MismatchException($"the deviations take {ratio:g3} times what is allowed");
        return Math.Max(off, ratio);
    }

    /// <summary>Mean and deviation over the draws.</summary>
    public static (Tensor Mean, Tensor Deviation) Statistics(Training2Case test, string checkpoint)
    {
        using var model = AltCLIPModel.FromPretrained(checkpoint);
        using var noGrad = no_grad();
        using (manual_seed(5)) { }
        model.train();
        var draw = Draw(test, model);
        var (mean, square) = (zeros(1, dtype: ScalarType.Float64), zeros(1, dtype: ScalarType.Float64));
        for (var i = 0; i < Draws / AtOnce; i++)
        {
            using var scope = NewDisposeScope();
            var values = draw().to(ScalarType.Float64);
            values = values.reshape(AtOnce, -1, values.shape[1]);
            var part = (double)AtOnce / Draws;
            mean = (mean + values.mean([0]) * part).MoveToOuterDisposeScope();
            square = (square + values.square().mean([0]) * part).MoveToOuterDisposeScope();
        }
        return (mean, (square - mean.square()).sqrt());
    }

    private static Func<Tensor> Draw(Training2Case test, AltCLIPModel model)
    {
        Tensor Repeated(string name) => test.Input(name).repeat([AtOnce, .. Enumerable.Repeat(1L, (int)test.Input(name).dim() - 1)]);
        switch ((string)test.Options["output"]!)
        {
            case "text_model pooler_output":
                var (ids, mask) = (Repeated("input_ids"), Repeated("attention_mask"));
                return () => model.text_model.forward(ids, mask).PoolerOutput;
            case "vision_model pooler_output":
                var pixels = Repeated("pixel_values");
                return () => model.vision_model.Forward(pixels, null, null, false).PoolerOutput;
            case var output:
                throw new MismatchException($"the output {output} is not known");
        }
    }
}
