namespace AltClip.Search;

/// <summary>What <see cref="DuplicateFinder"/> takes for duplicates.</summary>
public sealed record DuplicateOptions
{
    /// <summary>
    /// The cosine of two embeddings, 0 to 1, from which pictures are near-duplicates; null to look only for equal files. Which one fits depends on
    /// the model and the pictures: docs/cli.md has what some copies of photographs had.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 0 or above 1.</exception>
    public double? Similarity
    {
        get;
        init => field = value is null or (>= 0 and <= 1)
            ? value : throw new ArgumentOutOfRangeException(nameof(Similarity), value, $"The similarity is {value}; expected 0 to 1.");
    } = 0.95;

    /// <summary>Which pictures of the store are compared, by their ids; null for all.</summary>
    public Func<string, bool>? Includes { get; init; }

    /// <summary>Where a picture's file is, by its id, for comparing files; null for the id itself, as the indexer gives it.</summary>
    public Func<string, string>? FileOf { get; init; }
}
