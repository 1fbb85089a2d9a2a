using System.Text.RegularExpressions;

namespace AltClip.Search;

/// <summary>How a store is opened, whatever the database. What only one database knows is told to its <see cref="IImageStoreProvider"/>.</summary>
public sealed partial record ImageStoreOptions
{
    /// <summary>
    /// Whether the store is only searched. It must exist then and is not changed; several processes may read one DuckDB file at a time,
    /// while one that writes has it to itself.
    /// </summary>
    public bool ReadOnly { get; init; }

    /// <summary>
    /// The table of the pictures: small letters, digits and <c>_</c>, at most 50. Beside it is <c>TABLE_model</c>, with the model's name.
    /// Stores of several models can share a database.
    /// </summary>
    /// <exception cref="ArgumentException">It is another name.</exception>
    public string Table
    {
        get;
        // The name becomes part of statements.
        init => field = TableName().IsMatch(value) ? value : throw new ArgumentException(
            $"The table's name is '{value}'; expected small letters, digits and '_', at most 50.", nameof(Table));
    } = "images";

    [GeneratedRegex(@"^[a-z_][a-z0-9_]{0,49}\z")]
    private static partial Regex TableName();
}
