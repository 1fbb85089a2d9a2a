using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace AltClip.Cli;

/// <summary>A file with a picture's path, or a text, in each line: as it is, or in a JSON object. Blank lines are no inputs.</summary>
internal sealed class ListSource(string path, int place, InputOptions options, bool isJson, string? label = null) : InputSource(path, place, label)
{
    private static readonly string[] PathNames = ["path", "image", "file", "file_name", "filepath", "image_path"];
    private static readonly string[] TextNames = ["text", "caption"];
    private static readonly string[] IdNames = ["id", "key"];

    private (int Count, byte[] Hash)? _scan;

    /// <inheritdoc/>
    public override int Count => Scan.Count;

    /// <inheritdoc/>
    public override string IdStart => MayRepeat ? "" : NameInFile("#");

    /// <inheritdoc/>
    protected override bool MayRepeat => isJson || !options.Texts;

    private (int Count, byte[] Hash) Scan => _scan ??= ScanFile();

    /// <inheritdoc/>
    public override IEnumerable<EmbedInput> Read(int first, int count)
    {
        using var file = Open();
        foreach (var (i, line) in Lines(file).Skip(first).Take(count).Index()) yield return Input(line, first + i);
    }

    /// <inheritdoc/>
    public override void AddTo(IncrementalHash hash, int first, int count) => hash.AppendData(Scan.Hash);

    /// <inheritdoc/>
    protected override IEnumerable<string> Names()
    {
        using var file = Open();
        foreach (var (index, line) in Lines(file).Index()) yield return NameOf(Parse(line), index);
    }

    private static IEnumerable<string> Lines(Stream file)
    {
        using var reader = new StreamReader(file, Encoding.UTF8, leaveOpen: true);
        while (reader.ReadLine() is { } line)
        {
            if (!string.IsNullOrWhiteSpace(line)) yield return line;
        }
    }

    private (int Count, byte[] Hash) ScanFile()
    {
        using var file = Open();
        var count = Lines(file).Count();
        file.Position = 0;
        return (count, SHA256.HashData(file));
    }

    private EmbedInput Input(string line, int index)
    {
        var row = Parse(line);
        var input = new EmbedInput(Id(NameOf(row, index), index), Place, index);
        if (row.Value is null) return input with { Error = row.Error };
        return options.Texts ? input with { Text = row.Value } : input.WithFile(options.Resolve(Path, row.Value));
    }

    private string NameOf(Row row, int index) =>
        (row.Id ?? (options.Texts ? null : row.Value)) is { } own ? Name(own) : NameInFile($"#{index}");

    private Row Parse(string line)
    {
        if (!isJson) return new Row(null, line, null);
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
            return new Row(null, null, $"The line is no JSON: {error.Message}");
        }
    }

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

    // Without a value, the error says why.
    private readonly record struct Row(string? Id, string? Value, string? Error);
}
