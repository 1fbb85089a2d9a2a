using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AltClip.Docs.Tests;

/// <summary>A notebook's file.</summary>
internal sealed class Notebook(string name)
{
    private static readonly JsonSerializerOptions Format = new()
    {
        WriteIndented = true,
        IndentSize = 1,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The file's content.</summary>
    public JsonNode Json { get; } = JsonNode.Parse(File.ReadAllText(Repository.Path(name)))!;

    /// <summary>The cells of code in order.</summary>
    public IReadOnlyList<JsonNode> CodeCells => [.. Json["cells"]!.AsArray().Where(cell => (string?)cell!["cell_type"] == "code").Select(cell => cell!)];

    /// <summary>What is in a cell.</summary>
    public static string Source(JsonNode cell) => Joined(cell["source"]!);

    /// <summary>A text that the format keeps as one string or as an array of lines.</summary>
    public static string Joined(JsonNode text) => text is JsonArray lines ? string.Concat(lines.Select(line => (string)line!)) : (string)text!;

    /// <summary>Writes the file again.</summary>
    public void Save() => File.WriteAllText(Repository.Path(name), Json.ToJsonString(Format) + "\n");
}
