namespace AltClip.Search.Postgres;

/// <summary>
/// The graph in which PostgreSQL looks for near vectors (Malkov and Yashunin, arXiv 1603.09320), as pgvector names its numbers. The first
/// two take effect when the table is made.
/// </summary>
public sealed record HnswOptions
{
    /// <summary>How many neighbours a vector is linked with, 2 to 100. Default: pgvector's.</summary>
    public int M { get; init; } = 16;

    /// <summary>How many candidates are looked at when a vector is inserted, 4 to 1000 and at least twice <see cref="M"/>. Default: pgvector's.</summary>
    public int EfConstruction { get; init; } = 64;

    /// <summary>
    /// How many candidates a search looks at, 1 to 1000; more find the true neighbours more often and take longer. A search never looks
    /// at fewer than it shall give. pgvector's default is 40.
    /// </summary>
    public int EfSearch { get; init; } = 100;

    internal void Validate()
    {
        RefuseOutside(M, 2, 100, nameof(M));
        RefuseOutside(EfConstruction, Math.Max(4, 2 * M), 1000, nameof(EfConstruction));
        RefuseOutside(EfSearch, 1, 1000, nameof(EfSearch));
    }

    private static void RefuseOutside(int value, int least, int most, string name)
    {
        if (value < least || value > most) throw new ArgumentOutOfRangeException(name, value, $"Expected {least} to {most}.");
    }
}
