using System.Buffers.Binary;
using System.Text;

namespace AltClip.Checkpoints.PyTorch;

/// <summary>
/// Where a zip archive of uncompressed entries keeps their bytes. (<see cref="System.IO.Compression.ZipArchive"/> reads entries but does
/// not tell where they are, which mapping them needs.)
/// </summary>
internal static class ZipDirectory
{
    public const uint LocalHeaderSignature = 0x04034b50;

    private const uint CentralHeaderSignature = 0x02014b50;
    private const uint EndSignature = 0x06054b50;
    private const uint End64Signature = 0x06064b50;
    private const uint End64LocatorSignature = 0x07064b50;
    private const int LocalHeaderBytes = 30;
    private const int CentralHeaderBytes = 46;
    private const int EndBytes = 22;
    private const int End64Bytes = 56;
    private const int End64LocatorBytes = 20;
    private const int MaxDirectoryBytes = 100_000_000;
    private const ushort Zip64Field = 1;

    /// <summary>Reads the directory.</summary>
    /// <param name="file">The archive.</param>
    /// <param name="check">Is given every entry's name before anything else of it is checked.</param>
    public static Dictionary<string, FileRange> Read(TensorFile file, Action<string>? check = null)
    {
        var (offset, length) = FindDirectory(file);
        if (length > MaxDirectoryBytes)
            throw Error(file, $"its directory has {length} bytes; expected at most {MaxDirectoryBytes}");

        CheckRange(file, offset, length, "its directory");
        var directory = new byte[length];
        file.ReadExactly(offset, directory);
        var entries = new Dictionary<string, FileRange>();
        for (ReadOnlySpan<byte> rest = directory; rest.Length > 0;)
            rest = ReadEntry(file, rest, entries, check);

        return entries;
    }

    private static (long Offset, long Length) FindDirectory(TensorFile file)
    {
        var tail = new byte[Math.Min(file.Length, EndBytes + ushort.MaxValue + End64LocatorBytes)];
        file.ReadExactly(file.Length - tail.Length, tail);
        for (int i = tail.Length - EndBytes; i >= 0; i--)
        {
            ReadOnlySpan<byte> end = tail.AsSpan(i);
            if (UInt32(end, 0) != EndSignature || UInt16(end, 20) != end.Length - EndBytes)
                continue;

            int locator = i - End64LocatorBytes;
            return locator >= 0 && UInt32(tail, locator) == End64LocatorSignature
                ? FindDirectory64(file, Int64(tail, locator + 8))
                : (UInt32(end, 16), UInt32(end, 12));
        }

        throw new CheckpointException(CheckpointError.Truncated, file.Path, "the zip archive has no end; the file is incomplete.");
    }

    private static (long Offset, long Length) FindDirectory64(TensorFile file, long offset)
    {
        CheckRange(file, offset, End64Bytes, "its 64-bit end");
        Span<byte> end = stackalloc byte[End64Bytes];
        file.ReadExactly(offset, end);
        if (UInt32(end, 0) != End64Signature)
            throw Error(file, "its 64-bit end is not where it says");

        return (Int64(end, 48), Int64(end, 40));
    }

    private static ReadOnlySpan<byte> ReadEntry(TensorFile file, ReadOnlySpan<byte> rest, Dictionary<string, FileRange> entries, Action<string>? check)
    {
        if (rest.Length < CentralHeaderBytes || UInt32(rest, 0) != CentralHeaderSignature)
            throw Error(file, $"its directory is damaged, {rest.Length} bytes before its end");

        int nameLength = UInt16(rest, 28), extraLength = UInt16(rest, 30), commentLength = UInt16(rest, 32);
        int entryBytes = CentralHeaderBytes + nameLength + extraLength + commentLength;
        if (rest.Length < entryBytes)
            throw Error(file, "its directory ends within an entry");

        string name = Encoding.UTF8.GetString(rest.Slice(CentralHeaderBytes, nameLength));
        check?.Invoke(name);
        int flags = UInt16(rest, 8), method = UInt16(rest, 10);
        if (method != 0 || (flags & 1) != 0)
            throw Error(file, $"its entry '{name}' is compressed or encrypted; expected stored bytes, as torch.save writes them");

        var sizes = ReadSizes(rest, rest.Slice(CentralHeaderBytes + nameLength, extraLength));
        if (!entries.TryAdd(name, Locate(file, name, sizes.Length, sizes.HeaderOffset)))
            throw Error(file, $"it has the entry '{name}' twice");

        return rest[entryBytes..];
    }

    /// <summary>The size and place of an entry, from the 64-bit extra field where the 32-bit ones are full.</summary>
    private static (long Length, long HeaderOffset) ReadSizes(ReadOnlySpan<byte> header, ReadOnlySpan<byte> extra)
    {
        long compressed = UInt32(header, 20), length = UInt32(header, 24), offset = UInt32(header, 42);
        while (extra.Length >= 4)
        {
            ushort id = UInt16(extra, 0);
            var field = extra[4..Math.Min(extra.Length, 4 + UInt16(extra, 2))];
            extra = extra[(4 + field.Length)..];
            if (id != Zip64Field)
                continue;

            Widen(ref length, ref field);
            Widen(ref compressed, ref field);
            Widen(ref offset, ref field);
        }

        return (length, offset);
    }

    private static void Widen(ref long value, ref ReadOnlySpan<byte> field)
    {
        if (value != uint.MaxValue || field.Length < sizeof(long))
            return;

        value = Int64(field, 0);
        field = field[sizeof(long)..];
    }

    private static FileRange Locate(TensorFile file, string name, long length, long headerOffset)
    {
        CheckRange(file, headerOffset, LocalHeaderBytes, $"the header of its entry '{name}'");
        Span<byte> header = stackalloc byte[LocalHeaderBytes];
        file.ReadExactly(headerOffset, header);
        if (UInt32(header, 0) != LocalHeaderSignature)
            throw Error(file, $"its entry '{name}' is not where the directory says");

        long offset = headerOffset + LocalHeaderBytes + UInt16(header, 26) + UInt16(header, 28);
        CheckRange(file, offset, length, $"its entry '{name}'");
        return new FileRange(offset, length);
    }

    private static void CheckRange(TensorFile file, long offset, long length, string what)
    {
        if (offset < 0 || length < 0 || offset > file.Length - length)
            throw Error(file, $"{what} lies at byte {offset} with {length} bytes; expected it within the file's {file.Length}");
    }

    private static ushort UInt16(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[offset..]);

    private static uint UInt32(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[offset..]);

    private static long Int64(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadInt64LittleEndian(bytes[offset..]);

    private static CheckpointException Error(TensorFile file, string message) =>
        new(CheckpointError.InvalidArchive, file.Path, $"the zip archive is not one of torch.save: {message}.");
}
