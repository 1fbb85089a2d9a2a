using AltClip.Training.Augmentation;

namespace AltClip.Training.Evaluation;

/// <summary>
/// Few-shot classification (arXiv 2103.00020, section 3.1): linear probes that learn from a few pictures of each class, drawn several times. The pictures of a
/// draw are among those of the same draw with more.
/// </summary>
public static class FewShotEvaluation
{
    // As many as CoOp (arXiv 2109.01134) validates with.
    private const int MostToValidate = 4;

    /// <summary>Fits probes and counts how often they are right.</summary>
    /// <param name="train">The pictures that are drawn from.</param>
    /// <param name="test">The pictures that probes are asked for.</param>
    /// <param name="classNames">The names of the classes, in the order of the labels.</param>
    /// <param name="options">
    /// Numbers, draws, decay; null for the defaults. Where the decay is searched, as many other pictures of a class validate it as one learns from, up to
    /// four, and what there is of a class that has fewer; the probe learns from none of them.
    /// </param>
    /// <param name="cancellationToken">Stops between steps.</param>
    /// <exception cref="ArgumentException">
    /// Widths differ, a label is not one of the classes', a class has too few pictures, or there are none to validate.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static FewShotReport Run(
        LabelledEmbeddings train, LabelledEmbeddings test, IReadOnlyList<string> classNames, FewShotOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        options ??= new();
        options.Validate();
        LinearProbeEvaluation.Check(train, test, classNames);
        if (options.Shots.Count == 0 || options.Shots.Any(shots => shots < 1))
            throw new ArgumentException($"Shots is [{string.Join(", ", options.Shots)}]; expected numbers above 0.", nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Draws, nameof(options));
        var byClass = train.Labels.Index().GroupBy(pair => pair.Item, pair => pair.Index).OrderBy(own => own.Key).ToList();
        var most = options.Shots.Max();
        var small = byClass.Where(own => own.Count() < most).Select(own => $"{classNames[own.Key]} has {own.Count()}").ToList();
        if (small.Count > 0)
            throw new ArgumentException($"{small.Count} classes have fewer than {most} pictures: {string.Join(", ", small.Take(10))}{(small.Count > 10 ? ", …" : "")}.", nameof(train));
        if (options.WeightDecay is null && byClass.All(own => own.Count() == most))
            throw new ArgumentException($"All classes have {most} pictures, so that there are none to validate the decay with; expected more, or a decay.", nameof(train));
        var results = options.Shots.Distinct().Order().Select(shots => new FewShotResult(shots, [.. Enumerable.Range(0, options.Draws).Select(draw =>
            Draw(train, test, classNames, byClass, shots, options with { Seed = options.Seed + draw }, cancellationToken))])).ToList();
        return new FewShotReport(results, [.. train.Skipped, .. test.Skipped]);
    }

    private static LinearProbeReport Draw(
        LabelledEmbeddings train, LabelledEmbeddings test, IReadOnlyList<string> classNames, List<IGrouping<int, int>> byClass, int shots,
        FewShotOptions options, CancellationToken cancellationToken)
    {
        var (learning, validating) = (new List<int>(), new List<int>());
        foreach (var own in byClass)
        {
            int[] places = [.. own];
            new SeededRandom(options.Seed, own.Key).Shuffle(places);
            learning.AddRange(places[..shots]);
            validating.AddRange(places[shots..].Take(Math.Min(shots, MostToValidate)));
        }
        using var some = train.Select(learning);
        if (options.WeightDecay is { } given) return LinearProbeEvaluation.Fit(some, test, classNames, given, options.MaxIterations, [], cancellationToken);
        using var others = train.Select(validating);
        var (trials, best) = WeightDecaySearch.Run(some, others, classNames.Count, options.MaxIterations, cancellationToken);
        return LinearProbeEvaluation.Fit(some, test, classNames, best.WeightDecay, options.MaxIterations, trials, cancellationToken);
    }
}
