namespace AltClip.Imaging.Magick;

/// <summary>The first directory of a TIFF file: what its first picture is. Numbers that are changed are changed in the file.</summary>
internal readonly ref struct TiffHeader
{
    private const int MostEntries = 4096;

    private readonly Span<byte> _file;
    private readonly bool _bigEndian;
    private readonly bool _big;
    private readonly Span<byte> _entries;

    /// <summary>Finds the directory.</summary>
    /// <param name="file">The file.</param>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public TiffHeader(Span<byte> file)
    {
        _file = file;
        _bigEndian = file[0] == 'M';
        _big = Number(file[2..], 2) == 43;
        var (offsetAt, size, countSize) = _big ? (8, 8, 8) : (4, 4, 2);
        var offset = file.Length < 16 ? 0 : Number(file[offsetAt..], size);
        if (offset == 0 || offset > (ulong)(file.Length - countSize))
            throw new InvalidDataException("it has no directory.");
        var entries = file[(int)offset..];
        var count = Number(entries, countSize);
        if (count > MostEntries || (long)count * EntrySize > entries.Length - countSize)
            throw new InvalidDataException("its directory is cut.");
        _entries = entries.Slice(countSize, (int)count * EntrySize);
    }

    private int EntrySize => _big ? 20 : 12;

    /// <summary>Whether a file starts as TIFF does, of either byte order, small or big.</summary>
    public static bool IsTiff(ReadOnlySpan<byte> file) =>
        file.StartsWith("II*\0"u8) || file.StartsWith("MM\0*"u8) || file.StartsWith("II+\0"u8) || file.StartsWith("MM\0+"u8);

    /// <summary>Whether numbers have their highest byte first.</summary>
    public bool IsBigEndian => _bigEndian;

    /// <summary>The first number of a tag, or what holds where it is missing.</summary>
    public long Get(TiffTag tag, long otherwise)
    {
        var values = Values(tag, out var size);
        return values.IsEmpty ? otherwise : (long)Number(values, size);
    }

    /// <summary>Whether there is such a tag.</summary>
    public bool Has(TiffTag tag) => !Values(tag, out _).IsEmpty;

    /// <summary>The bytes of a tag's numbers, and how many each has.</summary>
    public Span<byte> Values(TiffTag tag, out int size)
    {
        size = 0;
        var entry = Entry(tag);
        if (entry.IsEmpty)
            return default;
        size = Number(entry[2..], 2) switch { 1 or 2 or 6 or 7 => 1, 3 or 8 => 2, 4 or 9 or 13 => 4, 16 or 17 or 18 => 8, _ => 0 };
        var count = Number(entry[4..], _big ? 8 : 4);
        if (size == 0 || count == 0 || count > (ulong)(_file.Length / size))
            return default;
        var inline = entry[(_big ? 12 : 8)..];
        var length = (int)count * size;
        if (length <= inline.Length)
            return inline[..length];
        var offset = Number(inline, inline.Length);
        return offset > (ulong)(_file.Length - length) ? default : _file.Slice((int)offset, length);
    }

    /// <summary>How many bytes the file would have to be longer to have all the pixels that it claims to have.</summary>
    public long MissingBytes
    {
        get
        {
            var end = 0L;
            foreach (var (offsets, lengths) in new[] { (TiffTag.StripOffsets, TiffTag.StripByteCounts), (TiffTag.TileOffsets, TiffTag.TileByteCounts) })
            {
                var (starts, counts) = (Values(offsets, out var startSize).ToArray(), Values(lengths, out var countSize).ToArray());
                for (var i = 0; startSize > 0 && countSize > 0 && i < Math.Min(starts.Length / startSize, counts.Length / countSize); i++)
                {
                    var (start, count) = (Number(starts.AsSpan(i * startSize), startSize), Number(counts.AsSpan(i * countSize), countSize));
                    end = Math.Max(end, (long)Math.Min(start, uint.MaxValue) + (long)Math.Min(count, uint.MaxValue));
                }
            }
            return end - _file.Length;
        }
    }

    /// <summary>Makes a tag that is there have one number.</summary>
    public void Set(TiffTag tag, long value)
    {
        var entry = Entry(tag);
        if (entry.IsEmpty)
            return;
        const int Integer = 4;
        Put(entry[2..], 2, Integer);
        Put(entry[4..], _big ? 8 : 4, 1);
        Put(entry[(_big ? 12 : 8)..], 4, value);
    }

    private Span<byte> Entry(TiffTag tag)
    {
        for (var rest = _entries; !rest.IsEmpty; rest = rest[EntrySize..])
        {
            if (Number(rest, 2) == (ulong)tag)
                return rest[..EntrySize];
        }
        return default;
    }

    private ulong Number(ReadOnlySpan<byte> bytes, int size)
    {
        var value = 0UL;
        for (var i = 0; i < size; i++)
            value = (value << 8) | bytes[_bigEndian ? i : size - 1 - i];
        return value;
    }

    private void Put(Span<byte> bytes, int size, long value)
    {
        for (var i = 0; i < size; i++)
            bytes[_bigEndian ? size - 1 - i : i] = (byte)(value >> (8 * i));
    }
}
