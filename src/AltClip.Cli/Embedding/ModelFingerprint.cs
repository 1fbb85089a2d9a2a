using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace AltClip.Cli;

/// <summary>Tells models apart without reading gigabytes, so that no job mixes two.</summary>
internal static class ModelFingerprint
{
    private const int Samples = 64;
    private const int SampleSize = 1 << 14;

    private static readonly string[] Patterns = ["*.safetensors", "*.bin", "*.model", "*.json"];

    /// <summary>A hash of the names, the lengths and samples of a model's files: small files whole, of weights a megabyte spread over them.</summary>
    /// <param name="folder">The model's folder.</param>
    public static string Of(string folder)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var sample = new byte[SampleSize];
        foreach (var file in Patterns.SelectMany(pattern => Directory.GetFiles(folder, pattern)).Order(StringComparer.Ordinal))
        {
            using var handle = File.OpenHandle(file);
            var length = RandomAccess.GetLength(handle);
            hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(file)}\n{length}\n")));
            for (var place = 0L; place < length; place += Math.Max(SampleSize, length / Samples))
                hash.AppendData(sample.AsSpan(0, RandomAccess.Read(handle, sample, place)));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Sees that a model that was loaded is the one whose fingerprint was taken before.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="fingerprint">What <see cref="Of"/> gave.</param>
    /// <exception cref="IOException">Its files were replaced meanwhile.</exception>
    public static void RefuseOther(string folder, string fingerprint)
    {
        if (Of(folder) != fingerprint) throw new IOException($"The model in {folder} was replaced while it was loaded; nothing was embedded.");
    }
}
