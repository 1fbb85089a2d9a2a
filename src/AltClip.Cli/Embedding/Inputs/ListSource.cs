using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AltClip.Shared;
using AltClip.Training.Data;

namespace AltClip.Cli;

/// <summary>How a list is written.</summary>
internal enum ListForm
{
    /// <summary>A path or text a line.</summary>
    Lines,

    /// <summary>A JSON object or text a line.</summary>
    Json,

    /// <summary>Fields with commas between them, or what <see cref="InputOptions.Delimiter"/> says; quoted as RFC 4180 says.</summary>
    Csv,

    /// <summary>The same with tabs.</summary>
    Tsv,
}

/// <summary>A file with a picture's path, or a text, in each line: as it is, in a JSON object, or in a column. Blank lines are no inputs.</summary>
internal sealed class ListSource(string path, int place, InputOptions options, ListForm form, string? label = null) : InputSource(path, place, label)
{
    private static readonly string[] PathNames = ["path", "image", "file", "file_name", "filepath", "image_path"];
    private static readonly string[] TextNames = ["text", "caption"];
    private static readonly string[] IdNames = ["id", "key"];

    // Two that no text has, as they are no characters: what stands in place of bytes that are no UTF-8, so that a line with such fails alone.
    private const string NoUtf8 = "\uFFFE\uFFFF";

    private static readonly Encoding Utf8 = Encoding.GetEncoding("utf-8", EncoderFallback.ExceptionFallback, new DecoderReplacementFallback(NoUtf8));

    private (int Count, byte[] Hash)? _scan;

    /// <inheritdoc/>
    public override int Count => Scan.Count;

    /// <inheritdoc/>
    public override string IdStart => MayRepeat ? "" : NameInFile("#");

    /// <inheritdoc/>
    protected override bool MayRepeat => form != ListForm.Lines || !options.Texts;

    private (int Count, byte[] Hash) Scan => _scan ??= ScanFile();

    /// <inheritdoc/>
    public override IEnumerable<EmbedInput> Read(int first, int count)
    {
        using var file = Open();
        foreach (var (i, entry) in Entries(file).Skip(first).Take(count).Index()) yield return Input(entry, first + i);
    }

    /// <inheritdoc/>
    public override void AddTo(IncrementalHash hash, int first, int count) => hash.AppendData(Scan.Hash);

    /// <inheritdoc/>
    protected override IEnumerable<string> Names()
    {
        using var file = Open();
        foreach (var (index, entry) in Entries(file).Index()) yield return NameOf(entry, RowOf(entry), index);
    }

    private IEnumerable<Entry> Entries(Stream file)
    {
        using var reader = new StreamReader(file, Utf8, leaveOpen: true);
        if (form is ListForm.Csv or ListForm.Tsv)
        {
            foreach (var row in Records(reader)) yield return new(null, row);
            yield break;
        }
        for (var number = 0; reader.ReadLine() is { } line; number++)
        {
            if (!string.IsNullOrWhiteSpace(line)) yield return new(line, default, number);
        }
    }

    private IEnumerable<Row> Records(StreamReader reader)
    {
        var records = new DelimitedReader(reader, options.Delimiter ?? (form == ListForm.Tsv ? '\t' : ','), options.Quoted);
        (int Value, int Id, int Count)? columns = null;
        while (records.Read() is var (line, fields, problem))
        {
            if (columns is null)
            {
                IReadOnlyList<string> header = options.HasHeader ? fields : [.. Enumerable.Range(0, fields.Count).Select(place => $"{place}")];
                columns = (PlaceOf(header, options.Column, options.Texts ? TextNames : PathNames), PlaceOf(header, options.IdColumn, IdNames, isNeeded: options.IdColumn is not null), header.Count);
                if (options.HasHeader) continue;
            }
            var (value, id, count) = columns.Value;
            if (problem is null && fields.Count != count) problem = $"{Quantity.Of(fields.Count, "field")}; expected {count}";
            if (problem is null && string.IsNullOrWhiteSpace(fields[value])) problem = "the field is empty";
            if (problem is null && (IsNoUtf8(fields[value]) || id >= 0 && IsNoUtf8(fields[id]))) problem = "the field is not UTF-8";
            yield return problem is null ? new Row(id < 0 ? null : fields[id], fields[value], null) : new Row(null, null, $"Line {line}: {problem}.");
        }
    }

    private int PlaceOf(IReadOnlyList<string> header, string? given, string[] usual, bool isNeeded = true)
    {
        var place = new TableColumn(given is not null ? [given] : options.HasHeader ? usual : []).PlaceIn(header);
        if (place >= 0 || !isNeeded) return place;
        throw new EmbedException($"{Path} has no column {given ?? string.Join(" or ", usual)}; found {string.Join(", ", header)}. Give {(given is null || usual != IdNames ? "--column" : "--id-column")}.");
    }

    private (int Count, byte[] Hash) ScanFile()
    {
        using var file = Open();
        var count = Entries(file).Count();
        file.Position = 0;
        return (count, SHA256.HashData(file));
    }

    private EmbedInput Input(Entry entry, int index)
    {
        var row = RowOf(entry);
        var input = new EmbedInput(Id(NameOf(entry, row, index), index), Place, index);
        if (row.Value is null) return input with { Error = row.Error };
        return options.Texts ? input with { Text = row.Value } : input.WithPlace(options, Path, row.Value);
    }

    // By the line's number where there is one: blank lines are no inputs, but those behind them keep their place.
    private string NameOf(Entry entry, Row row, int index) =>
        (row.Id ?? (options.Texts ? null : row.Value)) is { } own ? Name(own) : NameInFile($"#{entry.Number ?? index}");

    private Row RowOf(Entry entry) => entry.Line is { } line ? Parse(line) : entry.Row;

    private Row Parse(string line)
    {
        if (IsNoUtf8(line)) return new Row(null, null, "The line is not UTF-8.");
        if (form == ListForm.Lines) return new Row(null, line, null);
        try
        {
            using var json = JsonDocument.Parse(line);
            var value = Member(json.RootElement, options.Column is { } column ? [column] : options.Texts ? TextNames : PathNames);
            var id = Member(json.RootElement, options.IdColumn is { } name ? [name] : IdNames);
            return id is null && options.IdColumn is not null ? new Row(null, null, $"The line has no '{options.IdColumn}'.")
                : new Row(id, value, value is null ? "The line has no text or number of the expected name." : null);
        }
        catch (JsonException error)
        {
            return new Row(null, null, $"The line is no JSON: {JsonProblem.InLine(error.Message)}");
        }
    }

    private static bool IsNoUtf8(string text) => text.Contains(NoUtf8, StringComparison.Ordinal);

    private static string? Member(JsonElement row, IReadOnlyList<string> names)
    {
        if (row.ValueKind == JsonValueKind.String) return names == IdNames ? null : row.GetString();
        if (row.ValueKind != JsonValueKind.Object) return null;
        foreach (var name in names)
        {
            if (!row.TryGetProperty(name, out var value)) continue;
            if (value.ValueKind == JsonValueKind.String) return value.GetString();
            if (value.ValueKind == JsonValueKind.Number) return value.GetRawText();
        }
        return null;
    }

    // A line that is not yet looked into, or what is in it.
    private readonly record struct Entry(string? Line, Row Row, int? Number = null);

    // Without a value, the error says why.
    private readonly record struct Row(string? Id, string? Value, string? Error);
}
