using AltClip.Training.Augmentation;
using static TorchSharp.torch;

namespace AltClip.Training.Evaluation;

/// <summary>
/// The linear probe as CLIP reports it (arXiv 2103.00020, section 3.2): a <see cref="LinearProbe"/> on frozen embeddings of labelled pictures, its decay
/// searched on a validation split, then fitted on training and validation pictures together, and asked for pictures that it hasn't seen.
/// </summary>
public static class LinearProbeEvaluation
{
    /// <summary>Fits a probe and counts how often it is right.</summary>
    /// <param name="train">The pictures that it learns from.</param>
    /// <param name="test">The pictures that it is asked for.</param>
    /// <param name="classNames">The names of the classes, in the order of the labels.</param>
    /// <param name="options">Decay, search; null for the defaults.</param>
    /// <param name="validation">The pictures that the decay is searched on; null for a part of each class of <paramref name="train"/>.</param>
    /// <param name="cancellationToken">Stops between steps.</param>
    /// <exception cref="ArgumentException">
    /// Widths differ, a label is not one of the classes', a class has pictures to be asked for and none to learn from, or none to validate.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static LinearProbeReport Run(
        LabelledEmbeddings train, LabelledEmbeddings test, IReadOnlyList<string> classNames, LinearProbeOptions? options = null,
        LabelledEmbeddings? validation = null, CancellationToken cancellationToken = default)
    {
        options ??= new();
        options.Validate();
        Check(train, test, classNames);
        if (validation is not null) Check(train, validation, classNames, nameof(validation));
        if (options.WeightDecay is { } given)
        {
            using var all = validation is null ? null : Joined(train, validation);
            return Fit(all ?? train, test, classNames, given, options.MaxIterations, [], cancellationToken);
        }
        var (learning, validating) = validation is null ? Split(train, options, classNames) : (train, validation);
        try
        {
            var (trials, best) = WeightDecaySearch.Run(learning, validating, classNames.Count, options.MaxIterations, cancellationToken);
            using var all = validation is null ? null : Joined(train, validation);
            var rows = (all ?? train).Labels.Count;
            return Fit(all ?? train, test, classNames, 1 / (best.C * rows), options.MaxIterations, trials, cancellationToken);
        }
        finally
        {
            if (validation is null)
            {
                learning.Dispose();
                validating.Dispose();
            }
        }
    }

    /// <summary>Refuses what doesn't fit together.</summary>
    internal static void Check(LabelledEmbeddings train, LabelledEmbeddings other, IReadOnlyList<string> classNames, string name = "test")
    {
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(other, name);
        ArgumentNullException.ThrowIfNull(classNames);
        if (classNames.Count < 2) throw new ArgumentException($"There are {classNames.Count} classes; expected two at least.", nameof(classNames));
        var (width, found) = (train.Embeddings.shape[1], other.Embeddings.shape[1]);
        if (width != found) throw new ArgumentException($"The embeddings' width is {found}; expected {width}, as that of the training pictures.", name);
        LabelledEmbeddings.CheckLabels(train.Labels, classNames.Count, nameof(train));
        LabelledEmbeddings.CheckLabels(other.Labels, classNames.Count, name);
        var unknown = other.Labels.Except(train.Labels).Order().Select(label => classNames[label]).ToList();
        if (unknown.Count > 0)
            throw new ArgumentException($"{unknown.Count} classes have no picture to learn from: {string.Join(", ", unknown.Take(10))}{(unknown.Count > 10 ? ", …" : "")}.", nameof(train));
    }

    /// <summary>Fits with a decay, and asks.</summary>
    internal static LinearProbeReport Fit(
        LabelledEmbeddings train, LabelledEmbeddings test, IReadOnlyList<string> classNames, double weightDecay, int maxIterations,
        IReadOnlyList<WeightDecayTrial> trials, CancellationToken cancellationToken)
    {
        using var probe = LinearProbe.Fit(train.Embeddings, train.Labels, classNames.Count, weightDecay, maxIterations, cancellationToken);
        var (counts, _) = probe.Score(test, cancellationToken);
        return new LinearProbeReport(counts.ByName(classNames), [.. train.Skipped, .. test.Skipped], probe, train.Labels.Count, trials);
    }

    private static LabelledEmbeddings Joined(LabelledEmbeddings train, LabelledEmbeddings validation)
    {
        using var scope = NewDisposeScope();
        var other = validation.Embeddings.to(train.Embeddings.dtype, train.Embeddings.device);
        return new LabelledEmbeddings(cat([train.Embeddings, other]).MoveToOuterDisposeScope(), [.. train.Labels, .. validation.Labels])
        {
            Skipped = [.. train.Skipped, .. validation.Skipped],
        };
    }

    // Of each class the same part, and of a class with two pictures or more one at least on both sides.
    private static (LabelledEmbeddings Learning, LabelledEmbeddings Validating) Split(LabelledEmbeddings train, LinearProbeOptions options, IReadOnlyList<string> classNames)
    {
        var (learning, validating) = (new List<int>(), new List<int>());
        foreach (var own in train.Labels.Index().GroupBy(pair => pair.Item, pair => pair.Index).OrderBy(own => own.Key))
        {
            int[] places = [.. own];
            new SeededRandom(options.Seed, own.Key).Shuffle(places);
            var count = places.Length == 1 ? 0 : Math.Clamp((int)Math.Round(places.Length * options.ValidationPart), 1, places.Length - 1);
            validating.AddRange(places[..count]);
            learning.AddRange(places[count..]);
        }
        if (validating.Count == 0)
            throw new ArgumentException($"None of the {classNames.Count} classes has a picture to validate the decay with; expected two pictures of a class at least, or a decay.", nameof(train));
        return (train.Select(learning), train.Select(validating));
    }
}
