using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace AltClip.Cli;

/// <summary>A file with a picture's path, or a text, in each line: as it is, or in a JSON object. Blank lines are no inputs.</summary>
internal sealed class ListSource(string path, int place, InputOptions options, bool isJson) : InputSource(path, place)
{
    private static readonly string[] PathNames = ["path", "image", "file", "file_name", "filepath", "image_path"];
    private static readonly string[] TextNames = ["text", "caption"];
    private static readonly string[] IdNames = ["id", "key"];

    private (int Count, byte[] Hash)? _scan;

    /// <inheritdoc/>
    public override int Count => Scan.Count;

    private (int Count, byte[] Hash) Scan => _scan ??= ScanFile();

    /// <inheritdoc/>
    public override IEnumerable<EmbedInput> Read(int first, int count)
    {
        using var file = Open();
        foreach (var (i, line) in Lines(file).Skip(first).Take(count).Index()) yield return Input(line, first + i);
    }

    /// <inheritdoc/>
    public override void AddTo(IncrementalHash hash, int first, int count) => hash.AppendData(Scan.Hash);

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
        var input = new EmbedInput(options.Texts ? $"{System.IO.Path.GetFileName(Path)}#{index}" : line, Place, index);
        if (!isJson) return Filled(input, line);
        try
        {
            using var json = JsonDocument.Parse(line);
            var value = Member(json.RootElement, options.Column is { } column ? [column] : options.Texts ? TextNames : PathNames);
            var id = Member(json.RootElement, options.IdColumn is { } name ? [name] : IdNames);
            if (id is null && options.IdColumn is not null) return input with { Error = $"The line has no '{options.IdColumn}'." };
            if (value is null) return input with { Id = id ?? input.Id, Error = "The line has no text or number of the expected name." };
            return Filled(input with { Id = id ?? (options.Texts ? input.Id : value) }, value);
        }
        catch (JsonException error)
        {
            return input with { Error = $"The line is no JSON: {error.Message}" };
        }
    }

    private EmbedInput Filled(EmbedInput input, string value) =>
        options.Texts ? input with { Text = value } : input.WithFile(options.Resolve(Path, value));

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
}
