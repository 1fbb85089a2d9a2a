namespace AltClip.Search;

/// <summary>How <see cref="PictureSorter"/> looks for pictures and decides.</summary>
public sealed record PictureSortOptions
{
    /// <summary>Sentences with <c>{}</c> in the label's place, over which a label is averaged; empty for the labels as they are.</summary>
    public IReadOnlyList<string> Templates { get; init; } = [];

    /// <summary>The least probability of a picture's best label, 0 to 1; a picture whose best has less stays where it is.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 0 or above 1.</exception>
    public double MinProbability
    {
        get;
        init => field = value is >= 0 and <= 1
            ? value : throw new ArgumentOutOfRangeException(nameof(MinProbability), value, $"The least probability is {value}; expected 0 to 1.");
    }

    /// <inheritdoc cref="ImageIndexerOptions.Exclude"/>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <inheritdoc cref="ImageIndexerOptions.IncludeHidden"/>
    public bool IncludeHidden { get; init; }
}
