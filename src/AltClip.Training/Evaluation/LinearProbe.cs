using AltClip.Shared;
using TorchSharp;
using static TorchSharp.torch;

namespace AltClip.Training.Evaluation;

/// <summary>
/// Multinomial logistic regression on frozen embeddings: how well a layer of weights alone tells classes apart. The weights minimise the mean
/// cross-entropy plus <c>decay/2 |W|²</c>, the bias is free; found by L-BFGS in float64. scikit-learn's <c>C</c> is 1 / (rows · decay).
/// </summary>
public sealed class LinearProbe : IDisposable
{
    // 64 MB of scores at 1,000 classes.
    private const int RowsAtATime = 8192;

    // How far the loss may be above the minimum, by the bound that strong convexity gives.
    private const double Allowed = 1e-8;

    private LinearProbe(Tensor weight, Tensor bias, double loss, double weightDecay, int iterations, bool converged) =>
        (Weight, Bias, Loss, WeightDecay, Iterations, Converged) = (weight, bias, loss, weightDecay, iterations, converged);

    /// <summary>The weights: float64 [classes, width].</summary>
    public Tensor Weight { get; }

    /// <summary>The bias: float64 [classes].</summary>
    public Tensor Bias { get; }

    /// <summary>The mean cross-entropy with the decay's part.</summary>
    public double Loss { get; }

    /// <summary>The decay.</summary>
    public double WeightDecay { get; }

    /// <summary>How many iterations it took.</summary>
    public int Iterations { get; }

    /// <summary>Whether the minimum was reached within the iterations that were allowed.</summary>
    public bool Converged { get; }

    /// <summary>Finds the weights.</summary>
    /// <param name="features">The embeddings: floating point [rows, width], finite.</param>
    /// <param name="labels">The class of each row, from 0.</param>
    /// <param name="classes">How many classes there are.</param>
    /// <param name="weightDecay">The decay, above 0: without, the weights of classes that can be told apart grow without end.</param>
    /// <param name="maxIterations">The most iterations.</param>
    /// <param name="cancellationToken">Stops between evaluations.</param>
    /// <returns>The probe, which the caller disposes; its tensors are where the features are, of Apple's GPU on the processor.</returns>
    /// <exception cref="ArgumentException">Shapes, labels or numbers are out of range.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static LinearProbe Fit(
        Tensor features, IReadOnlyList<int> labels, int classes, double weightDecay, int maxIterations = 1000, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(features);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxIterations);
        if (!(weightDecay > 0 && double.IsFinite(weightDecay))) throw new ArgumentOutOfRangeException(nameof(weightDecay), weightDecay, "expected a number above 0.");
        CheckFeatures(features, nameof(features), "[rows, width]", labels.Count, null);
        LabelledEmbeddings.CheckLabels(labels, classes, nameof(labels));
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var rows = OnDevice(features);
        var own = tensor(labels.Select(label => (long)label).ToArray(), device: rows.device);
        var width = rows.shape[1];
        var start = zeros(classes * (width + 1), ScalarType.Float64, rows.device);
        var (point, value, iterations, converged) = Lbfgs.Minimize(
            start, at => Evaluate(at, rows, own, classes, weightDecay), square => square <= 2 * weightDecay * Allowed, maxIterations, cancellationToken);
        return new LinearProbe(
            point.narrow(0, 0, classes * width).view(classes, width).clone().MoveToOuterDisposeScope(),
            point.narrow(0, classes * width, classes).clone().MoveToOuterDisposeScope(), value, weightDecay, iterations, converged);
    }

    /// <summary>The scores of classes, whose softmax is the probabilities.</summary>
    /// <param name="features">The embeddings: floating point [rows, width].</param>
    /// <returns>float64 [rows, classes], where the weights are; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">The width is another.</exception>
    public Tensor Scores(Tensor features)
    {
        ArgumentNullException.ThrowIfNull(features);
        CheckFeatures(features, nameof(features), "[rows, width]", null, Weight.shape[1]);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        return features.to(ScalarType.Float64, Weight.device).matmul(Weight.t()).Plus_(Bias).MoveToOuterDisposeScope();
    }

    /// <summary>Frees the weights.</summary>
    public void Dispose()
    {
        Weight.Dispose();
        Bias.Dispose();
    }

    /// <summary>Counts how often the right class is among the first, and sums the cross-entropy.</summary>
    internal (ClassCounts Counts, double CrossEntropy) Score(LabelledEmbeddings embeddings, CancellationToken cancellationToken)
    {
        var (counts, sum) = (new ClassCounts((int)Weight.shape[0]), 0.0);
        using var noGrad = no_grad();
        for (var first = 0; first < embeddings.Labels.Count; first += RowsAtATime)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            int[] labels = [.. embeddings.Labels.Skip(first).Take(RowsAtATime)];
            var scores = Scores(embeddings.Embeddings.narrow(0, first, labels.Length));
            counts.Add(scores, labels);
            sum += nn.functional.cross_entropy(scores, tensor(labels.Select(label => (long)label).ToArray(), device: scores.device), reduction: nn.Reduction.Sum).ToNumber();
        }
        return (counts, sum / embeddings.Labels.Count);
    }

    private static (double Value, Tensor Gradient) Evaluate(Tensor at, Tensor features, Tensor labels, int classes, double weightDecay)
    {
        using var scope = NewDisposeScope();
        var (count, width) = (features.shape[0], features.shape[1]);
        var weight = at.narrow(0, 0, classes * width).view(classes, width);
        var bias = at.narrow(0, classes * width, classes);
        var gradient = zeros_like(at);
        var (byWeight, byBias) = (gradient.narrow(0, 0, classes * width).view(classes, width), gradient.narrow(0, classes * width, classes));
        using Scalar minusOne = -1;
        var loss = 0.0;
        for (var first = 0L; first < count; first += RowsAtATime)
        {
            using var block = NewDisposeScope();
            var rows = features.narrow(0, first, Math.Min(RowsAtATime, count - first)).to(ScalarType.Float64);
            var right = labels.narrow(0, first, rows.shape[0]).unsqueeze(1);
            var logs = rows.matmul(weight.t()).Plus_(bias).log_softmax(1);
            loss -= logs.gather(1, right).sum().ToNumber();
            var error = logs.exp_().scatter_add_(1, right, full_like(right, minusOne, ScalarType.Float64));
            byWeight.Plus_(error.t().matmul(rows));
            // 0L: a plain 0 is a ScalarType too.
            byBias.Plus_(error.sum(0L));
        }
        gradient.Over_(count);
        byWeight.Plus_(weight, alpha: weightDecay);
        return (loss / count + weightDecay / 2 * (weight * weight).sum().ToNumber(), gradient.MoveToOuterDisposeScope());
    }

    // Apple's GPU has no float64.
    private static Tensor OnDevice(Tensor features) => features.device_type == DeviceType.MPS ? features.cpu() : features;

    private static void CheckFeatures(Tensor features, string name, string layout, long? rows, long? width)
    {
        Check.Shape(features, name, layout, rows, width);
        Check.FloatingPoint(features, name);
        using var scope = NewDisposeScope();
        if (!features.isfinite().all().cpu().item<bool>()) throw new ArgumentException("It has numbers that are not finite.", name);
    }
}
