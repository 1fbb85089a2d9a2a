using System.Buffers.Binary;
using System.Formats.Tar;
using System.Text;

namespace AltClip.Training.Data;

/// <summary>
/// Reads the headers of a tar file. .NET says in many ways that one is damaged, and takes as much memory for what stands before a header (its longer
/// name, its attributes) as that is said to have, up to 2 GB.
/// </summary>
internal sealed class TarHeaders(FileStream file) : IDisposable
{
    private const int Block = 512;
    private const int Size = 124;
    private const int SizeLength = 12;
    private const int Type = 156;

    private readonly TarReader _reader = new(file, leaveOpen: true);
    private long _next;

    /// <summary>The next header; null at the end.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or of a kind that .NET doesn't read (sparse files).</exception>
    public TarEntry? Next()
    {
        CheckWhatStandsBefore();
        try
        {
            var entry = _reader.GetNextEntry();
            _next = entry?.DataStream is null ? file.Position : entry.DataOffset + RoundUp(entry.Length);
            return entry;
        }
        catch (Exception error) when (error is EndOfStreamException or FormatException or OverflowException or NotSupportedException or InvalidOperationException or ArgumentException)
        {
            throw new InvalidDataException(error.Message, error);
        }
    }

    public void Dispose() => _reader.Dispose();

    private void CheckWhatStandsBefore()
    {
        Span<byte> header = stackalloc byte[Block];
        // Each has a header of its own.
        for (var at = _next; at >= 0 && RandomAccess.Read(file.SafeFileHandle, header, at) == Block && header[Type] is (byte)'x' or (byte)'g' or (byte)'L' or (byte)'K';)
        {
            var size = ReadSize(header.Slice(Size, SizeLength));
            if (size < 0) return;
            if (size > file.Length - at - Block) throw new InvalidDataException($"what stands before a header has {size} bytes at {at + Block}, but the file has {file.Length}.");
            at += Block + RoundUp(size);
        }
    }

    /// <summary>A number as tar has it; -1 for what is none, of which the reader says so.</summary>
    private static long ReadSize(ReadOnlySpan<byte> field)
    {
        // Too large for octal digits: its bytes, behind a bit that says so.
        if (field[0] >= 0x80) return Math.Max(BinaryPrimitives.ReadInt64BigEndian(field[^8..]), -1);
        var digits = Encoding.ASCII.GetString(field).Trim('\0', ' ');
        return digits.Length > 0 && digits.All(digit => digit is >= '0' and <= '7') ? Convert.ToInt64(digits, 8) : -1;
    }

    private static long RoundUp(long size) => (size + Block - 1) / Block * Block;
}
