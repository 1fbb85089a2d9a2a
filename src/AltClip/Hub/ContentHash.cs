using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace AltClip.Hub;

/// <summary>
/// Checks bytes against an ETag: the Hub gives the SHA-256 of large files, and of others git's name for them, the SHA-1 of a short header and
/// the bytes. ETags of other lengths, which mirrors have, say nothing that could be checked.
/// </summary>
internal sealed class ContentHash : IDisposable
{
    private readonly string _etag;
    private readonly IncrementalHash? _hash;
    private readonly byte[] _header;

    public ContentHash(string etag, long size)
    {
        _etag = etag;
        var isHash = etag.All(char.IsAsciiHexDigit);
        _hash = etag.Length switch
        {
            64 when isHash => IncrementalHash.CreateHash(HashAlgorithmName.SHA256),
            40 when isHash => IncrementalHash.CreateHash(HashAlgorithmName.SHA1),
            _ => null,
        };
        _header = etag.Length == 40 ? Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {size}\0")) : [];
        _hash?.AppendData(_header);
    }

    public void Append(ReadOnlySpan<byte> bytes) => _hash?.AppendData(bytes);

    /// <summary>Forgets all bytes.</summary>
    public void Restart()
    {
        _hash?.GetHashAndReset();
        _hash?.AppendData(_header);
    }

    /// <summary>Whether the bytes appended are those the ETag is for, as far as it tells.</summary>
    public bool Matches() => _hash is null || string.Equals(Convert.ToHexStringLower(_hash.GetCurrentHash()), _etag, StringComparison.OrdinalIgnoreCase);

    public void Dispose() => _hash?.Dispose();
}
