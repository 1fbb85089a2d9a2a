using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace AltClip.Cli;

/// <summary>The JSON that a job writes beside its embeddings: snake case, texts in any language as they are.</summary>
internal static class JobJson
{
    private static readonly JsonSerializerOptions Line = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    private static readonly JsonSerializerOptions Indented = new(Line) { WriteIndented = true };

    /// <summary>Writes a file of one object.</summary>
    public static void Write<T>(string path, T value)
    {
        using var file = File.Create(path);
        JsonSerializer.Serialize(file, value, Indented);
        file.WriteByte((byte)'\n');
        file.Flush(flushToDisk: true);
    }

    /// <summary>Writes a file of an object a line.</summary>
    public static void WriteLines<T>(string path, IEnumerable<T> values)
    {
        using var file = File.Create(path);
        foreach (var value in values)
        {
            JsonSerializer.Serialize(file, value, Line);
            file.WriteByte((byte)'\n');
        }
        file.Flush(flushToDisk: true);
    }

    /// <summary>Reads a file of one object.</summary>
    /// <exception cref="EmbedException">It is damaged; the message names it.</exception>
    public static T Read<T>(string path) => Parse<T>(path, File.ReadAllText(path));

    /// <summary>Reads a file of an object a line.</summary>
    /// <exception cref="EmbedException">It is damaged; the message names it.</exception>
    public static IReadOnlyList<T> ReadLines<T>(string path) => [.. File.ReadLines(path).Select(line => Parse<T>(path, line))];

    private static T Parse<T>(string path, string json)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, Line) ?? throw new EmbedException($"{path} has null where an object is expected.");
        }
        catch (JsonException error)
        {
            throw new EmbedException($"{path} is damaged: {error.Message}", error);
        }
    }
}
