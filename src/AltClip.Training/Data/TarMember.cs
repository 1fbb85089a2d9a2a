using Microsoft.Win32.SafeHandles;

namespace AltClip.Training.Data;

/// <summary>Where a file lies in its shard.</summary>
internal readonly record struct TarMember(long Offset, int Length)
{
    /// <summary>Reads the file.</summary>
    /// <param name="shard">The shard, open.</param>
    /// <param name="name">What errors call it.</param>
    /// <exception cref="EndOfStreamException">The shard has become shorter.</exception>
    public byte[] Read(SafeFileHandle shard, string name)
    {
        var bytes = new byte[Length];
        for (var done = 0; done < bytes.Length;)
        {
            var read = RandomAccess.Read(shard, bytes.AsSpan(done), Offset + done);
            if (read == 0) throw new EndOfStreamException($"{name}: the shard has become shorter since it was opened.");
            done += read;
        }
        return bytes;
    }
}
