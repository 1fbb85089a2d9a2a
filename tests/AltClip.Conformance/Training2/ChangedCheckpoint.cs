using System.Text.Json.Nodes;

namespace AltClip.Conformance.Training2;

/// <summary>A copy of a checkpoint whose configuration says something else; it is deleted when it is disposed.</summary>
internal sealed class ChangedCheckpoint : IDisposable
{
    /// <param name="source">The checkpoint's folder.</param>
    /// <param name="changes">Places in <c>config.json</c>, with dots between their parts, and their values.</param>
    public ChangedCheckpoint(string source, JsonObject changes)
    {
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(source, "config.json")))!;
        foreach (var (place, value) in changes)
        {
            var parts = place.Split('.');
            var parent = parts[..^1].Aggregate(config, (node, part) => node[part]!);
            if (parent[parts[^1]] is null) throw new MismatchException($"{place} is not in config.json");
            parent[parts[^1]] = value!.DeepClone();
        }
        Folder = Directory.CreateTempSubdirectory("altclip-training2").FullName;
        File.Copy(Path.Combine(source, "model.safetensors"), Path.Combine(Folder, "model.safetensors"));
        File.WriteAllText(Path.Combine(Folder, "config.json"), config.ToJsonString());
    }

    /// <summary>The copy.</summary>
    public string Folder { get; }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
