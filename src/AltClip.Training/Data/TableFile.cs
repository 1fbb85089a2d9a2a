using System.Text;
using System.Text.Json;
using AltClip.Shared;

namespace AltClip.Training.Data;

/// <summary>A row of a table.</summary>
/// <param name="Place">What errors call it: <c>line 3</c>.</param>
/// <param name="Cells">The columns that were wanted; a cell may hold several texts, where JSON has a list.</param>
/// <param name="Image">The picture, where the table has it and not its path.</param>
/// <param name="Group">Which rows lie together in a file: those of one number.</param>
internal sealed record TableRow(string Place, IReadOnlyList<IReadOnlyList<string>> Cells, ImageSource? Image = null, int Group = 0)
{
    /// <summary>The picture: the row's own, or the path in its first cell. Null if there is none, or more than one.</summary>
    public string? ImagePath(string folder) => Image is not null ? Image.Name : Cells[0] is [{ Length: > 0 } file] ? Path.Combine(folder, file) : null;
}

/// <summary>Reads chosen columns of a TSV, CSV, JSON Lines or Parquet file.</summary>
internal static class TableFile
{
    private static readonly char[] Delimiters = [',', ';', '\t', '|'];

    /// <summary>Reads the columns.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How it is written.</param>
    /// <param name="columns">The columns that are wanted.</param>
    /// <param name="problems">Gets what is wrong, by line.</param>
    /// <exception cref="DataSetException">A column isn't there.</exception>
    public static List<TableRow> Read(string path, TableOptions options, IReadOnlyList<TableColumn> columns, List<string> problems)
    {
        var format = FormatOf(path, options);
        if (format is TableFormat.JsonLines or TableFormat.Parquet && options.Delimiter is not null)
            throw new ArgumentException($"{path} is {(format == TableFormat.Parquet ? "Parquet" : "JSON Lines")}, which has no delimiter; expected none.", nameof(options));
        if (format == TableFormat.Parquet) return ParquetExamples.Read(path, columns);
        using var reader = Utf8Text.Open(path);
        try
        {
            return format == TableFormat.JsonLines
                ? ReadJson(reader, columns, problems)
                : ReadDelimited(path, reader, options.Delimiter ?? (format == TableFormat.Tsv ? '\t' : ','), options, columns, problems);
        }
        catch (DecoderFallbackException)
        {
            throw new DataSetException(path, Utf8Text.Problem);
        }
    }

    private static TableFormat FormatOf(string path, TableOptions options) => options.Format != TableFormat.ByExtension ? options.Format
        : Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".tsv" => TableFormat.Tsv,
            ".csv" => TableFormat.Csv,
            ".jsonl" or ".ndjson" => TableFormat.JsonLines,
            ".parquet" => TableFormat.Parquet,
            _ when options.Delimiter is not null => TableFormat.Csv,
            var other => throw new ArgumentException($"{path} ends in '{other}'; expected .tsv, .csv, .jsonl or .parquet, or to be told the format or the delimiter."),
        };

    private static List<TableRow> ReadDelimited(
        string path, TextReader reader, char delimiter, TableOptions options, IReadOnlyList<TableColumn> columns, List<string> problems)
    {
        var records = new DelimitedReader(reader, delimiter, options.Quoted);
        var rows = new List<TableRow>();
        List<string>? header = null;
        int[]? places = null;
        while (records.Read() is var (line, fields, problem))
        {
            if (header is null)
            {
                header = options.HasHeader ? fields : [.. Enumerable.Range(0, fields.Count).Select(i => i.ToString())];
                places = [.. columns.Select(column => Place(path, header, column, delimiter))];
                if (options.HasHeader) continue;
            }
            if (problem is null && fields.Count != header.Count) problem = $"{Quantity.Of(fields.Count, "field")}; expected {header.Count}";
            if (problem is null)
                rows.Add(new TableRow($"line {line}", [.. places!.Select(place => (IReadOnlyList<string>)[fields[place]])]));
            else
                problems.Add($"line {line}: {problem}");
        }
        return rows;
    }

    private static int Place(string path, List<string> header, TableColumn column, char delimiter)
    {
        var place = column.PlaceIn(header);
        if (place >= 0) return place;
        // A table that is read as if something else stood between its fields has one column.
        var other = header is [var whole] ? Delimiters.FirstOrDefault(one => one != delimiter && whole.Contains(one)) : default;
        throw new DataSetException(path, $"no column {string.Join(" or ", column.Names)}; found {string.Join(", ", header.Select(name => $"'{name}'"))}. "
            + (other == default ? "Name the columns in the options." : $"It was read with {Shown(delimiter)} between its fields: is the delimiter {Shown(other)}?"));
    }

    private static string Shown(char delimiter) => delimiter == '\t' ? "a tab" : $"'{delimiter}'";

    private static List<TableRow> ReadJson(TextReader reader, IReadOnlyList<TableColumn> columns, List<string> problems)
    {
        var rows = new List<TableRow>();
        for (var line = 1; reader.ReadLine() is { } text; line++)
        {
            if (string.IsNullOrWhiteSpace(text)) continue;
            try
            {
                using var json = JsonDocument.Parse(text);
                rows.Add(new TableRow($"line {line}", [.. columns.Select(column => Texts(json.RootElement, column))]));
            }
            catch (Exception error) when (error is JsonException or FormatException)
            {
                problems.Add($"line {line}: {JsonProblem.InLine(error.Message)}");
            }
        }
        return rows;
    }

    private static IReadOnlyList<string> Texts(JsonElement row, TableColumn column)
    {
        if (row.ValueKind != JsonValueKind.Object) throw new FormatException($"a JSON {row.ValueKind}; expected an object");
        var (name, value) = Member(row, column);
        if (value.ValueKind != JsonValueKind.Array) return [Text(value, name, column.IsText)];
        return [.. value.EnumerateArray().Select(item => Text(item, name, column.IsText))];
    }

    private static (string Name, JsonElement Value) Member(JsonElement row, TableColumn column)
    {
        foreach (var name in column.Names)
            if (row.TryGetProperty(name, out var value)) return (name, value);
        var members = row.EnumerateObject().ToList();
        var place = column.PlaceIn([.. members.Select(member => member.Name)]);
        return place >= 0 ? (members[place].Name, members[place].Value) : throw new FormatException($"no {string.Join(" or ", column.Names)}");
    }

    private static string Text(JsonElement value, string name, bool isText) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number when !isText => value.GetRawText(),
        var kind => throw new FormatException($"{name} is a JSON {kind}; expected text"),
    };
}
