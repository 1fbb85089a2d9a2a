namespace AltClip.Search;

/// <summary>Which of the pictures that are like a query are given.</summary>
public sealed record SearchOptions
{
    /// <summary>How many pictures to give at most.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not positive.</exception>
    public int Top
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value, nameof(Top));
            field = value;
        }
    } = 10;

    /// <summary>The least score, -1 to 1; null for whatever there is. Cosines of texts and pictures that fit are often only 0.25 to 0.4.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not a number.</exception>
    public double? MinScore
    {
        get;
        init => field = value is double.NaN ? throw new ArgumentOutOfRangeException(nameof(MinScore), value, "It is not a number; expected -1 to 1.") : value;
    }

    /// <summary>Which pictures are searched, by their ids; null for all. It is asked here and not in the database, of the best until enough are found.</summary>
    public Func<string, bool>? Includes { get; init; }
}
