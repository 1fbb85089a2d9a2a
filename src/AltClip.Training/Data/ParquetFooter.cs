using System.Buffers.Binary;

namespace AltClip.Training.Data;

/// <summary>
/// The footer of a Parquet file: numbers, lists and structs as Thrift's compact protocol writes them
/// (<see href="https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md"/>). Parquet.Net takes its word for how long a list is, and
/// goes on past the end of the footer for as many elements.
/// </summary>
internal ref struct ParquetFooter
{
    // The file ends with the footer's length and the mark.
    private const int TailBytes = 8;
    private const int MostDepth = 64;
    private const int MostVarintBytes = 10;
    private const byte LongSize = 15;

    private readonly ReadOnlySpan<byte> _bytes;
    private int _place;

    private ParquetFooter(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    private enum Kind
    {
        Stop = 0,
        True = 1,
        False = 2,
        Byte = 3,
        Int16 = 4,
        Int32 = 5,
        Int64 = 6,
        Double = 7,
        Binary = 8,
        List = 9,
        Set = 10,
        Map = 11,
        Struct = 12,
        Uuid = 13,
    }

    /// <summary>Holds a footer against its own length, before anything is read by it.</summary>
    /// <param name="file">The file, at its beginning, where it is left.</param>
    /// <exception cref="InvalidDataException">The footer is not whole.</exception>
    public static void Check(Stream file)
    {
        Span<byte> tail = stackalloc byte[TailBytes];
        if (file.Length < TailBytes) throw new InvalidDataException($"it has {file.Length} bytes");
        file.Seek(-TailBytes, SeekOrigin.End);
        file.ReadExactly(tail);
        // An encrypted footer, or another mark: what reads the file knows what to say.
        if (tail[4..].SequenceEqual("PAR1"u8))
        {
            var length = BinaryPrimitives.ReadUInt32LittleEndian(tail);
            if (length > file.Length - TailBytes) throw new InvalidDataException($"its footer is to have {length} bytes, the file has {file.Length}");
            var bytes = new byte[length];
            file.Seek(-TailBytes - (long)length, SeekOrigin.End);
            file.ReadExactly(bytes);
            new ParquetFooter(bytes).SkipStruct(0);
        }
        file.Seek(0, SeekOrigin.Begin);
    }

    private void SkipStruct(int depth)
    {
        if (depth > MostDepth) throw new InvalidDataException($"its footer is nested more than {MostDepth} deep");
        while (true)
        {
            var head = Next();
            var kind = (Kind)(head & 0xF);
            if (kind == Kind.Stop) return;
            if (head >> 4 == 0) Varint(); // the field's number, where it isn't the last one's and a little
            if (kind is not (Kind.True or Kind.False)) Skip(kind, depth); // of a field, the kind says it all
        }
    }

    private void Skip(Kind kind, int depth)
    {
        switch (kind)
        {
            case Kind.True or Kind.False or Kind.Byte: Jump(1); break;
            case Kind.Int16 or Kind.Int32 or Kind.Int64: Varint(); break;
            case Kind.Double: Jump(sizeof(double)); break;
            case Kind.Binary: Jump(Varint()); break;
            case Kind.Uuid: Jump(16); break;
            case Kind.Struct: SkipStruct(depth + 1); break;
            case Kind.List or Kind.Set:
                var head = Next();
                SkipElements(head >> 4 == LongSize ? Varint() : (ulong)(head >> 4), [(Kind)(head & 0xF)], depth + 1);
                break;
            case Kind.Map:
                var pairs = Varint();
                if (pairs == 0) break;
                var kinds = Next();
                SkipElements(pairs, [(Kind)(kinds >> 4), (Kind)(kinds & 0xF)], depth + 1);
                break;
            default: throw new InvalidDataException($"its footer has a value of kind {(int)kind}, which Thrift doesn't have");
        }
    }

    private void SkipElements(ulong count, scoped ReadOnlySpan<Kind> kinds, int depth)
    {
        if (depth > MostDepth) throw new InvalidDataException($"its footer is nested more than {MostDepth} deep");
        // Each takes a byte at least.
        if (count > (ulong)(_bytes.Length - _place)) throw new InvalidDataException($"its footer has a list of {count} elements, and {_bytes.Length - _place} bytes more");
        for (ulong i = 0; i < count; i++)
        {
            foreach (var kind in kinds) Skip(kind, depth);
        }
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (var i = 0; i < MostVarintBytes; i++)
        {
            var part = Next();
            value |= (ulong)(part & 0x7F) << (7 * i);
            if (part < 0x80) return value;
        }
        throw new InvalidDataException("its footer has a number without an end");
    }

    private byte Next()
    {
        if (_place == _bytes.Length) throw new InvalidDataException("its footer ends in the middle");
        return _bytes[_place++];
    }

    private void Jump(ulong bytes)
    {
        if (bytes > (ulong)(_bytes.Length - _place)) throw new InvalidDataException("its footer ends in the middle");
        _place += (int)bytes;
    }
}
