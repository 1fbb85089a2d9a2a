using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace AltClip.Cli;

/// <summary>Ids that were seen. Of each, 128 bits of a hash are kept, so that many millions fit into memory.</summary>
internal sealed class IdSet
{
    private readonly HashSet<UInt128> _hashes = [];

    /// <summary>Adds an id.</summary>
    /// <returns>Whether it is new.</returns>
    public bool Add(string id)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(MemoryMarshal.AsBytes(id.AsSpan()), hash);
        return _hashes.Add(MemoryMarshal.Read<UInt128>(hash));
    }
}
