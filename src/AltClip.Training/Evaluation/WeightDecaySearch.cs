namespace AltClip.Training.Evaluation;

/// <summary>A decay that was tried.</summary>
/// <param name="WeightDecay">The decay, for as many rows as it was tried on.</param>
/// <param name="C">scikit-learn's <c>C</c>, 1 / (rows · decay), which is what is searched: it means the same for other numbers of rows.</param>
/// <param name="Top1">The part of the validation pictures whose first class was right.</param>
/// <param name="CrossEntropy">The mean cross-entropy on them, which decides between equal parts.</param>
public sealed record WeightDecayTrial(double WeightDecay, double C, double Top1, double CrossEntropy);

/// <summary>
/// CLIP's search (arXiv 2103.00020, A.3): <c>1/C</c> of 1e-6, 1e-4 … 1e6, then on both sides of the best at half the distance, and so on to eight steps a
/// decade.
/// </summary>
internal static class WeightDecaySearch
{
    private const int StepsPerDecade = 8;
    private const int Decades = 6;
    private const int FirstStep = 2 * StepsPerDecade;

    /// <summary>Tries decays.</summary>
    /// <returns>All that were tried, in the order of their decay, and the best.</returns>
    public static (IReadOnlyList<WeightDecayTrial> Trials, WeightDecayTrial Best) Run(
        LabelledEmbeddings train, LabelledEmbeddings validation, int classes, int maxIterations, CancellationToken cancellationToken)
    {
        var tried = new SortedDictionary<int, WeightDecayTrial>();
        void Try(int place)
        {
            if (Math.Abs(place) > Decades * StepsPerDecade || tried.ContainsKey(place)) return;
            var strength = Math.Pow(10, (double)place / StepsPerDecade);
            using var probe = LinearProbe.Fit(train.Embeddings, train.Labels, classes, strength / train.Labels.Count, maxIterations, cancellationToken);
            var (counts, crossEntropy) = probe.Score(validation, cancellationToken);
            tried.Add(place, new(probe.WeightDecay, 1 / strength, counts.Top1, crossEntropy));
        }
        int Best() => tried.OrderByDescending(trial => trial.Value.Top1).ThenBy(trial => trial.Value.CrossEntropy).First().Key;
        for (var place = -Decades * StepsPerDecade; place <= Decades * StepsPerDecade; place += FirstStep) Try(place);
        for (var step = FirstStep / 2; step > 0; step /= 2)
        {
            var best = Best();
            Try(best - step);
            Try(best + step);
        }
        return ([.. tried.Values], tried[Best()]);
    }
}
