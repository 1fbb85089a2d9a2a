namespace AltClip.Training.Data;

/// <summary>How a file of captions or texts is written.</summary>
public enum TableFormat
{
    /// <summary>By the file's extension: <c>.tsv</c>, <c>.csv</c>, <c>.jsonl</c>, <c>.ndjson</c> or <c>.parquet</c>.</summary>
    ByExtension,

    /// <summary>Fields with tabs between them, quoted as RFC 4180 says.</summary>
    Tsv,

    /// <summary>Fields with commas between them, quoted as RFC 4180 says.</summary>
    Csv,

    /// <summary>A JSON object a line.</summary>
    JsonLines,

    /// <summary>
    /// Apache Parquet, as Hugging Face's data sets are. Columns in structs and lists are named by the way to them, <c>sentences.raw</c>; the path may be
    /// a pattern, <c>train-{00000..00012}-of-00013.parquet</c>. Pictures may be there as bytes, which are read a row group at a time and
    /// held up to 1 GiB: loaders mix neighbouring row groups, as they do shards.
    /// </summary>
    Parquet,
}

/// <summary>How a file of captions or texts is read.</summary>
public record TableOptions
{
    /// <summary>How the file is written.</summary>
    public TableFormat Format { get; init; }

    /// <summary>
    /// What stands between the fields, as <c>;</c> or <c>|</c>, whatever the file's extension; null for the tab of TSV or the comma of CSV.
    /// Not for JSON Lines and Parquet.
    /// </summary>
    public char? Delimiter { get; init; }

    /// <summary>Whether the first line of a TSV or CSV file names the columns; if not, their names are "0", "1", ….</summary>
    public bool HasHeader { get; init; } = true;

    /// <summary>
    /// Whether a TSV or CSV field that starts with a quotation mark ends with one, and marks inside it are doubled (RFC 4180). Set it to
    /// false for
    /// files in which quotation marks are just text.
    /// </summary>
    public bool Quoted { get; init; } = true;
}
