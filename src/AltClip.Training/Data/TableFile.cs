using System.Text;
using System.Text.Json;

namespace AltClip.Training.Data;

/// <summary>A row of a table: a cell may hold several texts, where JSON has a list.</summary>
internal sealed record TableRow(int Line, IReadOnlyList<IReadOnlyList<string>> Cells);

/// <summary>Reads chosen columns of a TSV, CSV or JSON Lines file.</summary>
internal static class TableFile
{
    /// <summary>Reads the columns.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How it is written.</param>
    /// <param name="columns">The columns that are wanted: for each, the names that it may have, the first that is there counts.</param>
    /// <param name="problems">Gets what is wrong, by line.</param>
    /// <exception cref="DataSetException">A column isn't there.</exception>
    public static List<TableRow> Read(string path, TableOptions options, IReadOnlyList<IReadOnlyList<string>> columns, List<string> problems)
    {
        var format = FormatOf(path, options);
        if (format == TableFormat.JsonLines && options.Delimiter is not null)
            throw new ArgumentException($"{path} is JSON Lines, which has no delimiter; leave Delimiter null.", nameof(options));
        using var reader = new StreamReader(path, new UTF8Encoding(false, throwOnInvalidBytes: true));
        try
        {
            return format == TableFormat.JsonLines
                ? ReadJson(reader, columns, problems)
                : ReadDelimited(path, reader, options.Delimiter ?? (format == TableFormat.Tsv ? '\t' : ','), options, columns, problems);
        }
        catch (DecoderFallbackException error)
        {
            throw new DataSetException(path, $"it isn't UTF-8 throughout: {error.Message}");
        }
    }

    private static TableFormat FormatOf(string path, TableOptions options) => options.Format != TableFormat.ByExtension ? options.Format
        : Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".tsv" => TableFormat.Tsv,
            ".csv" => TableFormat.Csv,
            ".jsonl" or ".ndjson" => TableFormat.JsonLines,
            _ when options.Delimiter is not null => TableFormat.Csv,
            var other => throw new ArgumentException($"{path} ends in '{other}'; expected .tsv, .csv or .jsonl, or a Format or Delimiter that says what it is."),
        };

    private static List<TableRow> ReadDelimited(
        string path, TextReader reader, char delimiter, TableOptions options, IReadOnlyList<IReadOnlyList<string>> columns, List<string> problems)
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
                places = [.. columns.Select(names => Place(path, header, names))];
                if (options.HasHeader) continue;
            }
            if (problem is null && fields.Count != header.Count) problem = $"{fields.Count} fields; expected {header.Count}";
            if (problem is null)
                rows.Add(new TableRow(line, [.. places!.Select(place => (IReadOnlyList<string>)[fields[place]])]));
            else
                problems.Add($"line {line}: {problem}");
        }
        return rows;
    }

    private static int Place(string path, List<string> header, IReadOnlyList<string> names)
    {
        var place = names.Select(name => header.IndexOf(name)).FirstOrDefault(place => place >= 0, -1);
        return place >= 0 ? place : throw new DataSetException(
            path, $"no column {string.Join(" or ", names)}; found {string.Join(", ", header.Select(name => $"'{name}'"))}. Name the columns in the options.");
    }

    private static List<TableRow> ReadJson(TextReader reader, IReadOnlyList<IReadOnlyList<string>> columns, List<string> problems)
    {
        var rows = new List<TableRow>();
        for (var line = 1; reader.ReadLine() is { } text; line++)
        {
            if (string.IsNullOrWhiteSpace(text)) continue;
            try
            {
                using var json = JsonDocument.Parse(text);
                rows.Add(new TableRow(line, [.. columns.Select(names => Texts(json.RootElement, names))]));
            }
            catch (Exception error) when (error is JsonException or FormatException)
            {
                problems.Add($"line {line}: {error.Message}");
            }
        }
        return rows;
    }

    private static IReadOnlyList<string> Texts(JsonElement row, IReadOnlyList<string> names)
    {
        if (row.ValueKind != JsonValueKind.Object) throw new FormatException($"a JSON {row.ValueKind}; expected an object");
        foreach (var name in names)
        {
            if (!row.TryGetProperty(name, out var value)) continue;
            if (value.ValueKind != JsonValueKind.Array) return [Text(value, name)];
            return [.. value.EnumerateArray().Select(item => Text(item, name))];
        }
        throw new FormatException($"no {string.Join(" or ", names)}");
    }

    private static string Text(JsonElement value, string name) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => value.GetRawText(),
        var kind => throw new FormatException($"{name} is a JSON {kind}; expected text"),
    };
}
