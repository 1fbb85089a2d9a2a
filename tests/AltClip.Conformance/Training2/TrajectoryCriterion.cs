using static TorchSharp.torch;

namespace AltClip.Conformance.Training2;

/// <summary>
/// What must hold of a trajectory: every element within what it is allowed, the whole update, every loss, and every norm of the gradients.
/// </summary>
internal sealed class TrajectoryCriterion(Training2Case test)
{
    /// <summary>The largest part of what is allowed, of anything: above 1 the trajectory is wrong.</summary>
    public double Worst(Trajectory trajectory) => Parts(trajectory).Max(part => part.Value);

    /// <exception cref="MismatchException">Something is off by more than is allowed; the message says all that is.</exception>
    public double Check(Trajectory trajectory)
    {
        var parts = Parts(trajectory);
        var wrong = parts.Where(part => !(part.Value <= 1)).OrderByDescending(part => part.Value).Take(5).ToList();
        return wrong.Count == 0 ? parts.Max(part => part.Value)
            : throw new MismatchException("of what is allowed, " + string.Join(", ", wrong.Select(part => $"{part.Key} takes {part.Value:g3} times")));
    }

    /// <summary>How much the averages of a trajectory take of what is allowed.</summary>
    /// <param name="kind">The average's kind, as <c>ema.KIND</c>.</param>
    /// <param name="averages">The averages of all parameters.</param>
    public Dictionary<string, double> AverageParts(string kind, IReadOnlyDictionary<string, Tensor> averages) => ElementParts($"ema.{kind}.", averages);

    private Dictionary<string, double> Parts(Trajectory trajectory)
    {
        var parts = ElementParts("param.", trajectory.Parameters);
        var (losses, norms) = (test.Numbers("losses"), test.Numbers("grad_norms"));
        if (losses.Length != trajectory.Losses.Count) throw new MismatchException($"there are {trajectory.Losses.Count} losses; expected {losses.Length}");
        parts["losses"] = Largest(losses.Zip(trajectory.Losses, (expected, actual) => Math.Abs(actual - expected))) / (double)test.Criterion["losses_absolute"]!;
        parts["grad_norms"] = Largest(norms.Zip(trajectory.GradientNorms, (expected, actual) => Math.Abs(actual / expected - 1)))
            / (double)test.Criterion["grad_norms_relative"]!;
        return parts;
    }

    private Dictionary<string, double> ElementParts(string prefix, IReadOnlyDictionary<string, Tensor> parameters)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var trained = test.Outputs.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Select(name => name[prefix.Length..]).ToList();
        Compare.SameNames("parameters", parameters.Keys, [.. trained, .. Frozen()]);
        var parts = new Dictionary<string, double>();
        var (squares, heldBelow) = (0.0, (double)test.Criterion["held_below"]!);
        foreach (var name in trained)
        {
            var difference = (parameters[name].to(ScalarType.Float64) - test.Output(prefix + name)).abs();
            var allow = test.Output("allow." + name);
            parts[name] = (difference / allow).max().item<double>();
            squares += difference.square().masked_fill(allow > heldBelow, 0).sum().item<double>();
        }
        parts["the update"] = Math.Sqrt(squares) / (double)test.Options["update_norm"]! / (double)test.Criterion["update_at_most"]!;
        return parts;
    }

    private IEnumerable<string> Frozen() => test.Options["frozen"]!.AsArray().Select(name => (string)name!);

    // What is no number is larger than any.
    private static double Largest(IEnumerable<double> values) => values.Max(value => double.IsNaN(value) ? double.PositiveInfinity : value);
}
