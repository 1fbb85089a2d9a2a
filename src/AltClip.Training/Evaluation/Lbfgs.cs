using AltClip.Shared;
using static TorchSharp.torch;

namespace AltClip.Training.Evaluation;

/// <summary>L-BFGS (Nocedal and Wright, Numerical Optimization, algorithm 7.5) with a line search for the weak Wolfe conditions by bisection.</summary>
internal static class Lbfgs
{
    private const int Memory = 10;
    private const int Trials = 60;
    private const double Decrease = 1e-4;
    private const double Curvature = 0.9;

    /// <summary>Minimises a smooth, convex function.</summary>
    /// <param name="start">Where to begin: float64, of one dimension. It is left as it is.</param>
    /// <param name="evaluate">The value at a point, and the gradient, which the caller of it owns.</param>
    /// <param name="isDone">Whether a gradient is small enough, by its square length.</param>
    /// <param name="maxIterations">The most iterations.</param>
    /// <param name="cancellationToken">Stops between evaluations.</param>
    /// <returns>The best point, which the caller disposes; whether it is as near to the minimum as asked or as float64 can tell.</returns>
    public static (Tensor Point, double Value, int Iterations, bool Converged) Minimize(
        Tensor start, Func<Tensor, (double Value, Tensor Gradient)> evaluate, Func<double, bool> isDone, int maxIterations,
        CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var history = new List<(Tensor Step, Tensor Change, double Inverse)>();
        var point = start.clone();
        var (value, gradient) = evaluate(point);
        for (var iteration = 0; iteration < maxIterations; iteration++)
        {
            var square = Dot(gradient, gradient);
            if (isDone(square)) return (point.MoveToOuterDisposeScope(), value, iteration, true);
            var direction = Direction(gradient, history);
            if (Search(point, value, gradient, direction, history.Count == 0 ? Math.Min(1, 1 / Math.Sqrt(square)) : 1, evaluate, cancellationToken) is not { } found)
            {
                // No lower value that float64 can tell from this one, straight down at least.
                direction.Dispose();
                if (history.Count == 0) return (point.MoveToOuterDisposeScope(), value, iteration, true);
                history.Clear();
                continue;
            }
            direction.Dispose();
            Remember(history, found.Point - point, found.Gradient - gradient);
            point.Dispose();
            gradient.Dispose();
            (point, value, gradient) = found;
        }
        return (point.MoveToOuterDisposeScope(), value, maxIterations, isDone(Dot(gradient, gradient)));
    }

    // The two loops over what was remembered.
    private static Tensor Direction(Tensor gradient, List<(Tensor Step, Tensor Change, double Inverse)> history)
    {
        using var scope = NewDisposeScope();
        var direction = gradient.neg();
        var factors = new double[history.Count];
        for (var i = history.Count - 1; i >= 0; i--)
        {
            factors[i] = Dot(history[i].Step, direction) * history[i].Inverse;
            direction.Plus_(history[i].Change, alpha: -factors[i]);
        }
        if (history.Count > 0) direction.Times_(1 / (history[^1].Inverse * Dot(history[^1].Change, history[^1].Change)));
        for (var i = 0; i < history.Count; i++)
            direction.Plus_(history[i].Step, alpha: factors[i] - Dot(history[i].Change, direction) * history[i].Inverse);
        return direction.MoveToOuterDisposeScope();
    }

    private static (Tensor Point, double Value, Tensor Gradient)? Search(
        Tensor point, double value, Tensor gradient, Tensor direction, double step, Func<Tensor, (double Value, Tensor Gradient)> evaluate,
        CancellationToken cancellationToken)
    {
        var (low, high, slope) = (0.0, double.PositiveInfinity, Dot(gradient, direction));
        for (var trial = 0; trial < Trials && slope < 0; trial++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var next = point.Plus(direction, alpha: step);
            var (found, own) = evaluate(next);
            if (!(found <= value + Decrease * step * slope)) high = step;
            else if (Dot(own, direction) < Curvature * slope) low = step;
            else if (found < value) return (next, found, own);
            else high = step;
            next.Dispose();
            own.Dispose();
            step = double.IsInfinity(high) ? 2 * low : (low + high) / 2;
        }
        return null;
    }

    private static void Remember(List<(Tensor Step, Tensor Change, double Inverse)> history, Tensor step, Tensor change)
    {
        // Rounding may make it 0 near the minimum.
        if (Dot(step, change) is not (> 0 and var product)) return;
        history.Add((step, change, 1 / product));
        if (history.Count <= Memory) return;
        history[0].Step.Dispose();
        history[0].Change.Dispose();
        history.RemoveAt(0);
    }

    private static double Dot(Tensor a, Tensor b)
    {
        using var product = a.dot(b);
        return product.ToNumber();
    }
}
