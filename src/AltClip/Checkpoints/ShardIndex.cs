using System.Text.Json;
using AltClip.Shared;

namespace AltClip.Checkpoints;

/// <summary>The index of a checkpoint in several files: which of them holds which tensor.</summary>
internal static class ShardIndex
{
    private const int MaxIndexBytes = 100_000_000;

    /// <summary>Reads an index.</summary>
    /// <returns>The file name of each tensor, without a folder.</returns>
    /// <exception cref="CheckpointException">It is malformed, or names a file that is not beside it.</exception>
    public static Dictionary<string, string> Read(string path)
    {
        var bytes = ReadBytes(path);
        if (FileKind.Of(bytes) is { } kind)
            throw new CheckpointException(CheckpointError.InvalidIndex, path, $"the file is {kind}.");

        try
        {
            using var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("weight_map", out var map)
                || map.ValueKind != JsonValueKind.Object
                || map.GetPropertyCount() == 0)
                throw new CheckpointException(CheckpointError.InvalidIndex, path, "the index has no weight_map of tensor names to file names.");

            return map.EnumerateObject().ToDictionary(entry => entry.Name, entry => CheckName(path, entry));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // JsonElement reports text that is not valid Unicode as an InvalidOperationException; kinds are checked before use.
            throw new CheckpointException(CheckpointError.InvalidIndex, path, $"the index is not JSON: {exception.Message}", exception);
        }
    }

    private static byte[] ReadBytes(string path)
    {
        using var stream = File.OpenRead(path);
        if (stream.Length > MaxIndexBytes)
            throw new CheckpointException(CheckpointError.InvalidIndex, path, $"the index has more than {MaxIndexBytes} bytes.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    // A name from the network must not lead out of the folder, nor one from a folder to where its author never was.
    private static string CheckName(string path, JsonProperty entry)
    {
        if (entry.Value.ValueKind != JsonValueKind.String)
            throw new CheckpointException(CheckpointError.InvalidIndex, path, $"weight_map.{Listing.Cut(entry.Name)} is {Listing.Cut(entry.Value.GetRawText())}; expected a file name.");

        string name = entry.Value.GetString()!;
        return FileName.IsOne(name) ? name : throw new CheckpointException(
            CheckpointError.ShardOutsideFolder, path,
            $"weight_map.{Listing.Cut(entry.Name)}: the index names the shard '{Listing.Cut(name)}'; expected a file name without a folder.");
    }
}
