using System.Text.RegularExpressions;

namespace AltClip.Search;

/// <summary>How a store is opened.</summary>
public sealed partial record ImageStoreOptions
{
    /// <summary>
    /// Whether the store is only searched. It must exist then and is not changed; several processes may read one DuckDB file at a time,
    /// while one that writes has it to itself.
    /// </summary>
    public bool ReadOnly { get; init; }

    /// <summary>The table of the pictures. Beside it is <c>TABLE_model</c>, with the model's name. Stores of several models can share a database.</summary>
    public string Table { get; init; } = "images";

    /// <summary>The index of a PostgreSQL store. DuckDB needs none: it compares with each picture.</summary>
    public HnswOptions Hnsw { get; init; } = new();

    internal void Validate()
    {
        // The name becomes part of statements.
        if (!TableName().IsMatch(Table))
            throw new ArgumentException($"The table's name is '{Table}'; expected small letters, digits and '_', at most 50.", nameof(Table));
        Hnsw.Validate();
    }

    [GeneratedRegex("^[a-z_][a-z0-9_]{0,49}$")]
    private static partial Regex TableName();
}
