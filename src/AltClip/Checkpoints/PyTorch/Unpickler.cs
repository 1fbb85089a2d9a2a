using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace AltClip.Checkpoints.PyTorch;

/// <summary>
/// Python's pickle machine reduced to data: numbers, text, tuples (<c>object?[]</c>), lists (<see cref="List{T}"/>), dictionaries
/// (<see cref="PickleDictionary"/>) and the names that a vocabulary knows. It creates no other objects and calls no other code.
/// </summary>
/// <remarks>The machine does not recurse, and what it builds is bounded by the length of the pickle, which callers bound.</remarks>
internal sealed class Unpickler(ReadOnlyMemory<byte> bytes, string path, IPickleVocabulary vocabulary)
{
    // A tensor takes about 50, so that these are a state dict's of 80,000; each makes an object of at most some 50 bytes.
    private const int MostInstructions = 1 << 22;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static readonly PickledUnknown Bytes = new("bytes");
    private static readonly PickledUnknown Set = new("set");

    private readonly List<object?> _stack = [];
    private readonly Stack<int> _marks = [];
    private readonly Dictionary<uint, object?> _memo = [];

    /// <summary>The bytes consumed so far: pickles may follow one another.</summary>
    public int Position { get; private set; }

    /// <summary>Runs one pickle from <see cref="Position"/> to its end.</summary>
    public object? Load()
    {
        _stack.Clear();
        _marks.Clear();
        _memo.Clear();
        for (int count = 0; ; count++)
        {
            var opcode = (PickleOpcode)ReadByte();
            if (count == MostInstructions)
                throw new CheckpointException(CheckpointError.PickleTooLarge, path, $"the pickle has more than {MostInstructions} instructions; expected those of a state dict.");

            if (opcode == PickleOpcode.Stop)
                return Pop();

            Execute(opcode);
        }
    }

    private void Execute(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.Protocol: CheckProtocol(ReadByte()); break;
            case PickleOpcode.Frame: Read(sizeof(long)); break;
            case PickleOpcode.Mark: _marks.Push(_stack.Count); break;
            case PickleOpcode.None: _stack.Add(null); break;
            case PickleOpcode.NewTrue: _stack.Add(true); break;
            case PickleOpcode.NewFalse: _stack.Add(false); break;
            case PickleOpcode.BinInt: _stack.Add((long)BinaryPrimitives.ReadInt32LittleEndian(Read(sizeof(int)))); break;
            case PickleOpcode.BinInt1: _stack.Add((long)ReadByte()); break;
            case PickleOpcode.BinInt2: _stack.Add((long)BinaryPrimitives.ReadUInt16LittleEndian(Read(sizeof(ushort)))); break;
            case PickleOpcode.Long1: _stack.Add(ReadLong(ReadByte())); break;
            case PickleOpcode.Long4: _stack.Add(ReadLong(ReadUInt32())); break;
            case PickleOpcode.BinFloat: _stack.Add(BinaryPrimitives.ReadDoubleBigEndian(Read(sizeof(double)))); break;
            case PickleOpcode.BinUnicode: _stack.Add(ReadText(ReadUInt32())); break;
            case PickleOpcode.ShortBinUnicode: _stack.Add(ReadText(ReadByte())); break;
            case PickleOpcode.BinString or PickleOpcode.BinBytes: PassOver(ReadUInt32()); break;
            case PickleOpcode.ShortBinString or PickleOpcode.ShortBinBytes: PassOver(ReadByte()); break;
            case PickleOpcode.BinBytes8 or PickleOpcode.ByteArray8: PassOver(BinaryPrimitives.ReadUInt64LittleEndian(Read(sizeof(ulong)))); break;
            case PickleOpcode.EmptyTuple: _stack.Add(Array.Empty<object?>()); break;
            case PickleOpcode.Tuple1: _stack.Add(PopMany(1)); break;
            case PickleOpcode.Tuple2: _stack.Add(PopMany(2)); break;
            case PickleOpcode.Tuple3: _stack.Add(PopMany(3)); break;
            case PickleOpcode.Tuple: _stack.Add(PopToMark()); break;
            case PickleOpcode.EmptyList: _stack.Add(new List<object?>()); break;
            case PickleOpcode.Append: Append(PopMany(1)); break;
            case PickleOpcode.Appends: Append(PopToMark()); break;
            case PickleOpcode.EmptyDict: _stack.Add(new PickleDictionary()); break;
            case PickleOpcode.SetItem: SetItems(PopMany(2)); break;
            case PickleOpcode.SetItems: SetItems(PopToMark()); break;
            case PickleOpcode.EmptySet: _stack.Add(Set); break;
            case PickleOpcode.AddItems: AddItems(PopToMark()); break;
            case PickleOpcode.FrozenSet: PopToMark(); _stack.Add(Set); break;
            case PickleOpcode.Pop: PopOrUnmark(); break;
            case PickleOpcode.PopMark: PopToMark(); break;
            case PickleOpcode.Duplicate: _stack.Add(Peek()); break;
            case PickleOpcode.BinPut: _memo[ReadByte()] = Peek(); break;
            case PickleOpcode.LongBinPut: _memo[ReadUInt32()] = Peek(); break;
            case PickleOpcode.Memoize: _memo[(uint)_memo.Count] = Peek(); break;
            case PickleOpcode.BinGet: _stack.Add(Recall(ReadByte())); break;
            case PickleOpcode.LongBinGet: _stack.Add(Recall(ReadUInt32())); break;
            case PickleOpcode.Global: _stack.Add(vocabulary.Find(ReadLine(), ReadLine())); break;
            case PickleOpcode.StackGlobal: FindOnStack(); break;
            case PickleOpcode.BinPersistentId: _stack.Add(vocabulary.Resolve(Pop())); break;
            case PickleOpcode.Reduce or PickleOpcode.NewObject: Call(PopMany(2)); break;
            case PickleOpcode.NewObjectWithNames: Call(PopMany(3)); break;
            case PickleOpcode.Build: DropState(); break;
            default: throw Error($"has the instruction 0x{(byte)opcode:x2}; expected only those that tensors and containers need");
        }
    }

    private void CheckProtocol(byte protocol)
    {
        const int newest = 5;
        if (protocol > newest)
            throw Error($"has protocol {protocol}; expected at most {newest}");
    }

    private void FindOnStack()
    {
        if (PopMany(2) is not [string module, string name])
            throw Error("names a global by something that is not text");

        _stack.Add(vocabulary.Find(module, name));
    }

    private void Call(object?[] call) => _stack.Add(call switch
    {
        [PickledUnknown made, ..] => made,
        [PickleFunction function, object?[] arguments] => function(arguments),
        _ => throw Error("calls something that is not a function, or without a tuple of arguments"),
    });

    // The attributes of an OrderedDict: a state dict's _metadata, which holds versions of modules and nothing that loading needs.
    private void DropState()
    {
        Pop();
        if (Peek() is not (PickleDictionary or PickledUnknown))
            throw Error("sets the state of something that is not a dictionary");
    }

    private void Append(object?[] items)
    {
        object? target = Peek();
        if (target is PickledUnknown)
            return;

        if (target is not List<object?> list)
            throw Error("appends to something that is not a list");

        list.AddRange(items);
    }

    private void AddItems(object?[] items)
    {
        if (Peek() is not PickledUnknown)
            throw Error($"adds {items.Length} values to something that is not a set");
    }

    private void SetItems(object?[] items)
    {
        object? target = Peek();
        if (target is PickledUnknown)
            return;

        if (target is not PickleDictionary dictionary || items.Length % 2 != 0)
            throw Error("sets items of something that is not a dictionary, or keys without values");

        for (int i = 0; i < items.Length; i += 2)
            dictionary.Add(new(items[i], items[i + 1]));
    }

    private object? Recall(uint index) =>
        _memo.TryGetValue(index, out object? value) ? value : throw Error($"recalls the value {index}, which was not stored");

    private object? Peek() => _stack.Count > Floor ? _stack[^1] : throw Error("takes a value from an empty stack");

    private object? Pop() => PopMany(1)[0];

    private void PopOrUnmark()
    {
        if (_stack.Count > Floor)
            Pop();
        else
            PopToMark();
    }

    private object?[] PopMany(int count)
    {
        if (_stack.Count - Floor < count)
            throw Error($"takes {count} values from a stack of {_stack.Count - Floor}");

        return Cut(_stack.Count - count);
    }

    private object?[] PopToMark() => _marks.TryPop(out int mark) ? Cut(mark) : throw Error("goes back to a mark that was not set");

    private object?[] Cut(int start)
    {
        var values = new object?[_stack.Count - start];
        _stack.CopyTo(start, values, 0, values.Length);
        _stack.RemoveRange(start, values.Length);
        return values;
    }

    private int Floor => _marks.TryPeek(out int mark) ? mark : 0;

    private byte ReadByte() => Read(1)[0];

    private uint ReadUInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Read(sizeof(uint)));

    // Numbers beyond 64 bits exist only as the magic number of the legacy format; as a size they fit no check.
    private object ReadLong(uint length)
    {
        var number = new BigInteger(Read(length));
        return number >= long.MinValue && number <= long.MaxValue ? (object)(long)number : number;
    }

    // Bytes are no name, no number and no tensor, so their values are not kept.
    private void PassOver(ulong length)
    {
        Read(length);
        _stack.Add(Bytes);
    }

    private string ReadLine()
    {
        int length = bytes.Span[Position..].IndexOf((byte)'\n');
        if (length < 0)
            throw Error("has a name without an end");

        string line = ReadText((uint)length);
        Position++;
        return line;
    }

    private string ReadText(uint length)
    {
        try
        {
            return StrictUtf8.GetString(Read(length));
        }
        catch (DecoderFallbackException exception)
        {
            throw Error("has text that is not UTF-8", exception);
        }
    }

    private ReadOnlySpan<byte> Read(ulong length)
    {
        if (length > (ulong)(bytes.Length - Position))
            throw new CheckpointException(CheckpointError.Truncated, path, $"the pickle ends at byte {bytes.Length}; expected {length} bytes at {Position}.");

        var span = bytes.Span.Slice(Position, (int)length);
        Position += (int)length;
        return span;
    }

    private CheckpointException Error(string message, Exception? inner = null) =>
        new(CheckpointError.InvalidPickle, path, $"the pickle, before byte {Position}, {message}.", inner);
}
