using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using AltClip.Training.Data;

namespace AltClip.Cli.Commands;

/// <summary>Tells the data of training runs apart, wherever they lie.</summary>
internal static class DataFingerprint
{
    /// <summary>A hash of a table of captions, or of the names and lengths of shards.</summary>
    /// <param name="data">The table or the shards, as the command takes them.</param>
    /// <exception cref="IOException">A file can't be read.</exception>
    public static string Of(string data)
    {
        if (!data.EndsWith(".tar", StringComparison.OrdinalIgnoreCase))
        {
            using var file = File.OpenRead(data);
            return Convert.ToHexStringLower(SHA256.HashData(file));
        }
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var shard in BracePattern.Expand(data))
            hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(shard)}\n{new FileInfo(shard).Length}\n")));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
