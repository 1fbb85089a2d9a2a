using System.Collections;

namespace AltClip.Training.Data;

/// <summary>How <see cref="ParallelTexts.FromFile"/> reads.</summary>
public sealed record ParallelTextsOptions : TableOptions
{
    /// <summary>
    /// The column of the teacher's texts; null for the first there is of source, en, english; without a header, "0" and "1" are source and
    /// target.
    /// </summary>
    public string? SourceColumn { get; init; }

    /// <summary>
    /// The columns of the student's texts, each an example of its own beside the teacher's text; empty fields are left out. Null for the
    /// first
    /// there is of target, text, translation.
    /// </summary>
    public IReadOnlyList<string>? TargetColumns { get; init; }
}

/// <summary>Texts with their translations from a TSV, CSV, JSON Lines or Parquet file: what teacher learning trains on.</summary>
public sealed class ParallelTexts : IReadOnlyList<ParallelText>
{
    private static readonly string[] SourceNames = ["source", "en", "english", "0"];
    private static readonly string[] TargetNames = ["target", "text", "translation", "1"];

    private readonly List<ParallelText> _examples;

    private ParallelTexts(List<ParallelText> examples) => _examples = examples;

    /// <summary>How many pairs there are.</summary>
    public int Count => _examples.Count;

    /// <summary>A pair.</summary>
    /// <param name="index">Its place, from 0.</param>
    public ParallelText this[int index] => _examples[index];

    /// <summary>Reads pairs.</summary>
    /// <param name="path">The file, in UTF-8.</param>
    /// <param name="options">Format and columns; null for the defaults.</param>
    /// <exception cref="IOException">The file can't be read.</exception>
    /// <exception cref="ArgumentException">The format can't be told from the file's extension.</exception>
    /// <exception cref="DataSetException">A column is not there, lines are malformed, or there is no pair at all.</exception>
    public static ParallelTexts FromFile(string path, ParallelTextsOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new();
        var problems = new List<string>();
        IReadOnlyList<TableColumn> targets =
            options.TargetColumns is { } columns ? [.. columns.Select(name => new TableColumn([name], IsText: true))] : [new(TargetNames, IsText: true)];
        if (targets.Count == 0) throw new ArgumentException("TargetColumns is empty; expected one column at least.", nameof(options));
        var rows = TableFile.Read(path, options, [new(options.SourceColumn is { } column ? [column] : SourceNames, IsText: true), .. targets], problems);
        var examples = new List<ParallelText>();
        foreach (var row in rows)
        {
            var texts = row.Cells.Skip(1).SelectMany(cell => cell).Where(text => !string.IsNullOrWhiteSpace(text)).ToList();
            if (row.Cells[0] is not [var source] || string.IsNullOrWhiteSpace(source))
                problems.Add($"{row.Place}: no source text, or more than one");
            else if (texts.Count == 0)
                problems.Add($"{row.Place}: no target text");
            else
                examples.AddRange(texts.Select(text => new ParallelText(source, text)));
        }
        DataSetException.ThrowIfMalformed(path, "line", problems);
        if (examples.Count == 0) throw new DataSetException(path, "it is empty; expected a pair of texts at least");
        return new ParallelTexts(examples);
    }

    /// <inheritdoc/>
    public IEnumerator<ParallelText> GetEnumerator() => _examples.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
