using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using AltClip.Training.Data;

namespace AltClip.Cli.Commands;

/// <summary>Tells the data of training runs apart, wherever they lie.</summary>
internal static class DataFingerprint
{
    /// <summary>A hash of the contents of tables of captions, or of the names and lengths of shards.</summary>
    /// <param name="data">The tables or the shards, as the command takes them.</param>
    /// <exception cref="IOException">A file can't be read.</exception>
    public static string Of(string data)
    {
        var files = Files(data);
        // One table is its contents' hash, as checkpoints have it.
        if (files is [var table] && !IsShard(table)) return Convert.ToHexStringLower(Contents(table));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in files) hash.AppendData(IsShard(file) ? NameAndLength(file) : Contents(file));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static IReadOnlyList<string> Files(string data) => File.Exists(data) ? [data] : [.. BracePattern.Expand(data)];

    private static bool IsShard(string file) => file.EndsWith(".tar", StringComparison.OrdinalIgnoreCase);

    private static byte[] NameAndLength(string file) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(file)}\n{new FileInfo(file).Length}\n"));

    private static byte[] Contents(string file)
    {
        using var stream = File.OpenRead(file);
        return SHA256.HashData(stream);
    }
}
