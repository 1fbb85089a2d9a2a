using System.Security.Cryptography;
using System.Text;
using AltClip.Onnx.Format;
using Google.Protobuf;
using static TorchSharp.torch;
using DataType = AltClip.Onnx.Format.TensorProto.Types.DataType;

namespace AltClip.Onnx;

/// <summary>Which model a file of ONNX was written of, as its metadata says: precisions of one model stand in a folder, and not of two.</summary>
internal static class ExportedModel
{
    private const string Key = "altclip.weights";

    /// <summary>A hash of all weights, the same in whatever precision they are written.</summary>
    public static string FingerprintOf(nn.Module model)
    {
        using var hash = SHA256.Create();
        using (var stream = new CryptoStream(Stream.Null, hash, CryptoStreamMode.Write))
        {
            foreach (var (name, weight) in model.named_parameters().OrderBy(pair => pair.name, StringComparer.Ordinal))
            {
                stream.Write(Encoding.UTF8.GetBytes($"{name} {string.Join(' ', weight.shape)}\n"));
                WeightStore.Write(stream, weight, DataType.Float);
            }
        }
        return Convert.ToHexStringLower(hash.Hash!);
    }

    /// <summary>Notes the model in a graph's file.</summary>
    public static void Note(ModelProto graph, string fingerprint) => graph.MetadataProps.Add(new StringStringEntryProto { Key = Key, Value = fingerprint });

    /// <summary>Refuses a folder in which other precisions of another model would stay beside this one.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="precision">The precision whose files are going to be replaced.</param>
    /// <param name="fingerprint">What <see cref="FingerprintOf"/> gave.</param>
    /// <param name="config">The model's configuration, by which a file is told that has no fingerprint.</param>
    /// <exception cref="IOException">There are such; the message names one.</exception>
    public static void RefuseOthers(string folder, OnnxPrecision precision, string fingerprint, string config)
    {
        var beside = Enum.GetValues<OnnxPrecision>().Where(other => other != precision)
            .SelectMany(other => new[] { OnnxNames.Text(other), OnnxNames.Vision(other) })
            .Select(name => Path.Combine(folder, OnnxNames.Folder, name)).Where(File.Exists);
        var configFile = Path.Combine(folder, "config.json");
        foreach (var path in beside)
        {
            var isOther = ReadFingerprint(path) is { } noted ? noted != fingerprint : File.Exists(configFile) && File.ReadAllText(configFile) != config;
            if (isOther) throw new IOException($"The folder {folder} has another model's export, {OnnxNames.Folder}/{Path.GetFileName(path)}; expected one of this model in other precisions. Give another folder, or delete it.");
        }
    }

    private static string? ReadFingerprint(string path)
    {
        using var file = File.OpenRead(path);
        using var input = new CodedInputStream(file);
        try
        {
            for (uint tag; (tag = input.ReadTag()) != 0;)
            {
                if (WireFormat.GetTagFieldNumber(tag) != ModelProto.MetadataPropsFieldNumber)
                {
                    input.SkipLastField();
                    continue;
                }
                var entry = new StringStringEntryProto();
                input.ReadMessage(entry);
                if (entry.Key == Key) return entry.Value;
            }
        }
        catch (InvalidProtocolBufferException)
        {
            // Damaged, or no export at all.
        }
        return null;
    }
}
