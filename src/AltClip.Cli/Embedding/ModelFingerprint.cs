using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using AltClip.Modeling.Adapters;

namespace AltClip.Cli;

/// <summary>Tells models apart without reading gigabytes, so that no job mixes two.</summary>
internal static class ModelFingerprint
{
    private const int Samples = 64;
    private const int SampleSize = 1 << 14;

    private static readonly string[] Patterns = ["*.safetensors", "*.bin", "*.model", "*.json"];

    /// <summary>
    /// A hash of the names, the lengths and samples of the files of a model and its adapters: small files whole, of weights a megabyte spread
    /// over them.
    /// </summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="adapters">The folders of the adapters that are put into it.</param>
    public static string Of(string folder, IReadOnlyList<AdapterSource> adapters)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, folder);
        foreach (var adapter in adapters)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"adapter {adapter.Weight:R}\n")));
            Append(hash, adapter.FolderOrId);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Append(IncrementalHash hash, string folder)
    {
        var sample = new byte[SampleSize];
        foreach (var file in Patterns.SelectMany(pattern => Directory.GetFiles(folder, pattern)).Order(StringComparer.Ordinal))
        {
            using var handle = File.OpenHandle(file);
            var length = RandomAccess.GetLength(handle);
            hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(file)}\n{length}\n")));
            for (var place = 0L; place < length; place += Math.Max(SampleSize, length / Samples))
                hash.AppendData(sample.AsSpan(0, RandomAccess.Read(handle, sample, place)));
        }
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
}
