namespace AltClip.Cli;

/// <summary>How inputs are read.</summary>
internal sealed record InputOptions
{
    /// <summary>Whether they are texts, not pictures.</summary>
    public bool Texts { get; init; }

    /// <summary>The folder that paths in lists and tables are relative to; null for the folder of the list.</summary>
    public string? Root { get; init; }

    /// <summary>The column or member with pictures, paths or texts; null for the first of the usual names.</summary>
    public string? Column { get; init; }

    /// <summary>The column or member with ids; null for the first of the usual names.</summary>
    public string? IdColumn { get; init; }

    /// <summary>What stands between the fields of a table; null for the comma of .csv and the tab of .tsv.</summary>
    public char? Delimiter { get; init; }

    /// <summary>Whether the first line of such a table names its columns; if not, they are called 0, 1, ….</summary>
    public bool HasHeader { get; init; } = true;

    /// <summary>Whether a field of such a table that begins with a quotation mark ends with one; if not, the marks are text.</summary>
    public bool Quoted { get; init; } = true;

    /// <summary>The path of a picture that a list in a file names.</summary>
    public string Resolve(string listFile, string path) =>
        System.IO.Path.Combine(Root ?? System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(listFile))!, path);
}
