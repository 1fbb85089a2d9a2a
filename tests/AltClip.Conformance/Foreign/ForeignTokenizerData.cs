using System.Text.Json.Nodes;
using AltClip.Checkpoints;

namespace AltClip.Conformance;

/// <summary>The cases of tokenizers as other programs write them, with their lines and ids.</summary>
internal sealed class ForeignTokenizerData
{
    private readonly Dictionary<string, long[]> _tensors = [];

    public ForeignTokenizerData(string folder)
    {
        Folder = folder;
        JsonNode root = Parse("cases.json");
        Lines = [.. Parse((string)root["lines"]!).AsArray().Select(line => (string)line!)];
        Cases = [.. root["cases"]!.AsArray().Select(one => new ForeignTokenizerCase(this, one!))];
        using SafeTensors file = SafeTensors.Open(Path.Combine(folder, "expected.safetensors"));
        foreach (string name in file.Names)
            _tensors[name] = file.Integers(name);
    }

    public string Folder { get; }

    public string[] Lines { get; }

    public IReadOnlyList<ForeignTokenizerCase> Cases { get; }

    public long[] Tensor(string name) => _tensors[name];

    private JsonNode Parse(string name) => JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, name)))!;
}
