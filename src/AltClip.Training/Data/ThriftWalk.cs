namespace AltClip.Training.Data;

/// <summary>
/// Walks over structs as Thrift's compact protocol writes them, in which Parquet has its footer and what stands before pages
/// (<see href="https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md"/>). Parquet.Net takes their word for how long a list is, and goes
/// on past the end for as many elements: minutes of a few bytes.
/// </summary>
internal ref struct ThriftWalk
{
    private const int MostDepth = 64;
    private const int MostVarintBytes = 10;
    private const byte LongSize = 15;

    private readonly ReadOnlySpan<byte> _bytes;
    private int _place;

    public ThriftWalk(ReadOnlySpan<byte> bytes) => _bytes = bytes;

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

    /// <summary>How far it has come.</summary>
    public readonly int Place => _place;

    /// <summary>Walks over one struct.</summary>
    /// <param name="field">The number of a field of its own that is an int32; 0 for none.</param>
    /// <returns>The field's value; null where the struct lacks it.</returns>
    /// <exception cref="InvalidDataException">The struct says that it has more than there is, or what Thrift doesn't have.</exception>
    public int? Struct(int field = 0) => Struct(field, 0);

    private int? Struct(int field, int depth)
    {
        if (depth > MostDepth) throw new InvalidDataException($"it is nested more than {MostDepth} deep");
        int? value = null;
        for (var number = 0L; ;)
        {
            var head = Next();
            var kind = (Kind)(head & 0xF);
            if (kind == Kind.Stop) return value;
            number = head >> 4 == 0 ? Signed(Varint()) : number + (head >> 4);
            if (kind == Kind.Int32 && number == field) value = unchecked((int)Signed(Varint()));
            else if (kind is not (Kind.True or Kind.False)) Skip(kind, depth); // of a field, the kind says it all
        }
    }

    /// <summary>The number that a positive one stands for: 0, -1, 1, -2, …</summary>
    private static long Signed(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);

    private void Skip(Kind kind, int depth)
    {
        switch (kind)
        {
            case Kind.True or Kind.False or Kind.Byte: Jump(1); break;
            case Kind.Int16 or Kind.Int32 or Kind.Int64: Varint(); break;
            case Kind.Double: Jump(sizeof(double)); break;
            case Kind.Binary: Jump(Varint()); break;
            case Kind.Uuid: Jump(16); break;
            case Kind.Struct: Struct(0, depth + 1); break;
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
            default: throw new InvalidDataException($"it has a value of kind {(int)kind}, which Thrift doesn't have");
        }
    }

    private void SkipElements(ulong count, scoped ReadOnlySpan<Kind> kinds, int depth)
    {
        if (depth > MostDepth) throw new InvalidDataException($"it is nested more than {MostDepth} deep");
        // Each takes a byte at least.
        if (count > (ulong)(_bytes.Length - _place)) throw new InvalidDataException($"it has a list of {count} elements, and {_bytes.Length - _place} bytes more");
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
        throw new InvalidDataException("it has a number without an end");
    }

    private byte Next()
    {
        if (_place == _bytes.Length) throw new InvalidDataException("it ends in the middle");
        return _bytes[_place++];
    }

    private void Jump(ulong bytes)
    {
        if (bytes > (ulong)(_bytes.Length - _place)) throw new InvalidDataException("it ends in the middle");
        _place += (int)bytes;
    }
}
