using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using AltClip.Checkpoints;
using AltClip.Hub;
using AltClip.Modeling.Adapters;

namespace AltClip.Cli;

/// <summary>Tells models apart by the files that they are read from, wherever those lie and whatever else lies beside them.</summary>
internal static class ModelFingerprint
{
    private const int Samples = 64;
    private const int SampleSize = 1 << 14;

    // A threshold changes no embedding.
    private static readonly HubFileGroup[] OfEmbedding = [.. AltCLIPInference.Files(), .. AltCLIPProcessor.Files];

    /// <summary>
    /// Without reading gigabytes: a hash of the names, the lengths and samples of the files of a model that embeds and its adapters: small files
    /// whole, of weights a megabyte spread over them.
    /// </summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="adapters">The folders of the adapters that are put into it.</param>
    public static string Of(string folder, IReadOnlyList<AdapterSource> adapters)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, folder, OfEmbedding, length => Math.Max(SampleSize, length / Samples));
        foreach (var adapter in adapters)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"adapter {adapter.Weight:R}\n")));
            Append(hash, adapter.FolderOrId, LoraFiles.Files, length => Math.Max(SampleSize, length / Samples));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>A hash of the names, the lengths and all the bytes of a model's files.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="files">What it is read from.</param>
    public static string OfWhole(string folder, IReadOnlyList<HubFileGroup> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, folder, files, _ => SampleSize);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Sees that a model that was loaded is the one whose fingerprint was taken before.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="adapters">The folders of its adapters.</param>
    /// <param name="fingerprint">What <see cref="Of"/> gave.</param>
    /// <exception cref="IOException">Its files were replaced meanwhile.</exception>
    public static void RefuseOther(string folder, IReadOnlyList<AdapterSource> adapters, string fingerprint)
    {
        if (Of(folder, adapters) != fingerprint) throw new IOException($"The model in {folder} was replaced while it was loaded; nothing was embedded.");
    }

    private static void Append(IncrementalHash hash, string folder, IReadOnlyList<HubFileGroup> files, Func<long, long> step)
    {
        var sample = new byte[SampleSize];
        foreach (var name in files.SelectMany(group => Read(folder, group)).Distinct().Order(StringComparer.Ordinal))
        {
            using var handle = File.OpenHandle(Path.Combine(folder, name));
            var length = RandomAccess.GetLength(handle);
            hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{name}\n{length}\n")));
            for (var place = 0L; place < length; place += step(length))
                hash.AppendData(sample.AsSpan(0, RandomAccess.Read(handle, sample, place)));
        }
    }

    /// <summary>Those of the files that are there and count; of an index its shards too.</summary>
    private static IEnumerable<string> Read(string folder, HubFileGroup group)
    {
        var counting = group.Alternatives.FirstOrDefault(names => names.All(name => File.Exists(Path.Combine(folder, name)))) ?? [];
        return counting.Concat(counting.Where(CheckpointFiles.IsIndex).SelectMany(index => ShardIndex.Read(Path.Combine(folder, index)).Values));
    }
}
