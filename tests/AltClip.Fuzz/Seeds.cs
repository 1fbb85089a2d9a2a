using System.Text.Json.Nodes;
using AltClip.Checkpoints;
using static TorchSharp.torch;

namespace AltClip.Fuzz;

/// <summary>Makes seeds of <c>tests/data</c> in a work folder, small ones where a reader is to be fast.</summary>
internal sealed class Seeds(string data, string work)
{
    private const int PiecesOfSmall = 60;

    private int _count;

    public string At(params string[] parts) => Path.Combine([data, .. parts]);

    public FuzzSeed Of(params string[] parts) => FuzzSeed.Of(At(parts), NewFolder());

    public FuzzSeed Of(string origin, params (string Name, byte[] Content)[] files) => FuzzSeed.Of(origin, NewFolder(), files);

    /// <summary>Files of folders that are not long to read.</summary>
    public IEnumerable<FuzzSeed> Files(params string[] folders) => folders.SelectMany(folder => Directory.GetFiles(At(folder)))
        .Where(file => new FileInfo(file).Length < 100_000).Order(StringComparer.Ordinal).Select(file => FuzzSeed.Of(file, NewFolder()));

    /// <summary>Folders with one of the files and none that would take long to copy.</summary>
    public IEnumerable<FuzzSeed> Folders(string below, params string[] with) => Directory.GetDirectories(At(below), "*", SearchOption.AllDirectories)
        .Where(folder => with.Any(name => File.Exists(Path.Combine(folder, name))) && Directory.GetFiles(folder).Sum(file => new FileInfo(file).Length) < 700_000)
        .Order(StringComparer.Ordinal).Select(folder => FuzzSeed.Of(folder, NewFolder()));

    /// <summary>The pipelines of <c>tokenizer.json</c> with few pieces each.</summary>
    public IEnumerable<FuzzSeed> SmallTokenizers() => Directory.GetFiles(At("foreign", "tokenizers"), "tokenizer.json", SearchOption.AllDirectories)
        .Order(StringComparer.Ordinal).Select(file => Of(file, ("tokenizer.json", Shorten(File.ReadAllBytes(file)))));

    /// <summary>A seed that a program writes into its folder.</summary>
    public FuzzSeed Written(string origin, Action<string> write)
    {
        var folder = NewFolder();
        Directory.CreateDirectory(folder);
        write(folder);
        return FuzzSeed.In(origin, folder);
    }

    /// <summary>A few tensors of all types.</summary>
    public FuzzSeed SmallTensors() => Written("tensors of all types", folder =>
    {
        using var scope = NewDisposeScope();
        ScalarType[] types = [float32, float16, bfloat16, int64, uint8, ScalarType.Bool];
        SafeTensors.Save(
            Path.Combine(folder, "model.safetensors"), types.Select((type, i) => KeyValuePair.Create($"text_model.tensor{i}", zeros([2, i], dtype: type))),
            new Dictionary<string, string> { ["format"] = "pt" });
    });

    private static byte[] Shorten(byte[] content)
    {
        var root = JsonNode.Parse(content)!;
        if (root["model"]?["vocab"] is JsonArray vocabulary)
        {
            while (vocabulary.Count > PiecesOfSmall) vocabulary.RemoveAt(vocabulary.Count - 1);
        }
        return System.Text.Encoding.UTF8.GetBytes(root.ToJsonString());
    }

    private string NewFolder() => Path.Combine(work, $"{_count++}");
}
