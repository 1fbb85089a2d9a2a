using System.Text.Json;
using System.Text.Json.Serialization;

namespace AltClip.Search.Sql;

/// <summary>Metadata as stores keep it: a JSON object of texts.</summary>
[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
internal sealed partial class MetadataJson : JsonSerializerContext
{
    public static string Write(IReadOnlyDictionary<string, string> metadata) =>
        metadata.Count == 0 ? "{}" : JsonSerializer.Serialize(metadata, Default.IReadOnlyDictionaryStringString);

    public static IReadOnlyDictionary<string, string> Read(string json) =>
        JsonSerializer.Deserialize(json, Default.IReadOnlyDictionaryStringString) ?? throw new ImageStoreException($"The metadata is {json}.");
}
