using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace AltClip.Tokenization;

/// <summary>
/// Reads a SentencePiece unigram model (protocol buffers, <c>sentencepiece_model.proto</c>) and gives it the ids of XLM-R: its
/// first three pieces are <c>&lt;unk&gt; &lt;s&gt; &lt;/s&gt;</c>, XLM-R's first four <c>&lt;s&gt; &lt;pad&gt; &lt;/s&gt;
/// &lt;unk&gt;</c>; the rest move up by one and <c>&lt;mask&gt;</c> comes last. The pipeline is that of the published
/// <c>tokenizer.json</c>.
/// </summary>
internal static class SentencePieceReader
{
    private const int Unigram = 1;
    private const int Control = 3;
    private const int UserDefined = 4;
    private const int OwnSpecials = 3;

    private static readonly string[] Specials = ["<s>", "<pad>", "</s>", "<unk>"];
    private static readonly string[] ModelTypes = ["UNIGRAM", "BPE", "WORD", "CHAR"];

    /// <exception cref="TokenizerException">The bytes are not such a model.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static TokenizerModel Read(ReadOnlySpan<byte> model)
    {
        var pieces = new PieceTable.Builder();
        foreach (string special in Specials)
            pieces.Add(special, 0);
        // the others of them are for the settings to name
        List<AddedToken> added = [Added("<s>"), Added("</s>")];
        byte[]? charsMap = null;
        int index = 0;
        var reader = new ProtoReader(model);
        while (reader.Next(out int field))
        {
            if (field == 1)
                ReadPiece(reader.Bytes("pieces"), index++, pieces, added);
            else if (field == 2)
                CheckTrainer(reader.Bytes("trainer_spec"));
            else if (field == 3)
                charsMap = ReadNormalizer(reader.Bytes("normalizer_spec"));
            else
                reader.Skip();
        }
        if (index <= OwnSpecials)
            throw new TokenizerException($"not a SentencePiece model: expected more than {OwnSpecials} pieces, found {index}.");
        pieces.Add("<mask>", 0);
        return new TokenizerModel
        {
            Pieces = pieces.Build(),
            UnknownId = Array.IndexOf(Specials, "<unk>"),
            Normalizer = new TextNormalizer(charsMap is null ? null : new PrecompiledCharsMap(charsMap), []),
            SplitsOnWhitespace = true,
            Metaspace = Metaspace.Published,
            Decoder = TokenDecoder.Published,
            Single = new([Special("<s>"), SequenceTemplate.Part.Of(0), Special("</s>")]),
            Pair = new([Special("<s>"), SequenceTemplate.Part.Of(0), Special("</s>"), Special("</s>"), SequenceTemplate.Part.Of(1), Special("</s>")]),
            AddedTokens = added,
            CompiledCharsMap = charsMap,
        };
    }

    private static AddedToken Added(string content) => new(content, Array.IndexOf(Specials, content));

    private static SequenceTemplate.Part Special(string content) => SequenceTemplate.Part.Special(Array.IndexOf(Specials, content));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ReadPiece(ReadOnlySpan<byte> message, int index, PieceTable.Builder pieces, List<AddedToken> added)
    {
        ReadOnlySpan<byte> text = default;
        float score = 0;
        long type = 1;
        var reader = new ProtoReader(message);
        while (reader.Next(out int field))
        {
            if (field == 1)
                text = reader.Bytes("piece");
            else if (field == 2)
                score = reader.Single("score");
            else if (field == 3)
                type = reader.Varint("type");
            else
                reader.Skip();
        }
        if (!float.IsFinite(score))
            throw new TokenizerException($"piece {index} has the score {score}; expected a finite number.");
        if (index < OwnSpecials)
        {
            string expected = index switch { 0 => "<unk>", 1 => "<s>", _ => "</s>" };
            if (!text.SequenceEqual(Encoding.UTF8.GetBytes(expected)))
            {
                throw new TokenizerException(
                    $"piece {index} is '{Encoding.UTF8.GetString(text)}'; XLM-R's models start with <unk>, <s>, </s>, so '{expected}' was expected.");
            }
            return;
        }
        if (type is Control or UserDefined)
            added.Add(new AddedToken(Encoding.UTF8.GetString(text), pieces.Count, Special: type == Control));
        pieces.Add(text, score);
    }

    private static void CheckTrainer(ReadOnlySpan<byte> message)
    {
        long type = Unigram;
        bool byteFallback = false;
        var reader = new ProtoReader(message);
        while (reader.Next(out int field))
        {
            if (field == 3)
                type = reader.Varint("model_type");
            else if (field == 35)
                byteFallback = reader.Varint("byte_fallback") != 0;
            else
                reader.Skip();
        }
        if (type != Unigram)
        {
            string name = type >= 1 && type <= ModelTypes.Length ? ModelTypes[type - 1] : $"type {type}";
            throw new TokenizerException($"the SentencePiece model is {name}; XLM-R's is UNIGRAM.");
        }
        if (byteFallback)
            throw new TokenizerException("the SentencePiece model falls back to bytes (byte_fallback); XLM-R's does not.");
    }

    private static byte[]? ReadNormalizer(ReadOnlySpan<byte> message)
    {
        ReadOnlySpan<byte> compiled = default;
        var reader = new ProtoReader(message);
        while (reader.Next(out int field))
        {
            if (field == 2)
                compiled = reader.Bytes("precompiled_charsmap");
            else
                reader.Skip();
        }
        return compiled.IsEmpty ? null : compiled.ToArray();
    }

    /// <summary>Walks the fields of one message. After <see cref="Next"/> the field is read by its type or skipped.</summary>
    private ref struct ProtoReader(ReadOnlySpan<byte> message)
    {
        private ReadOnlySpan<byte> _rest = message;
        private int _wireType;

        public bool Next(out int field)
        {
            field = 0;
            if (_rest.IsEmpty)
                return false;
            ulong key = RawVarint();
            _wireType = (int)(key & 7);
            if (key >> 3 is 0 or > int.MaxValue)
                throw Corrupt($"field number {key >> 3}");
            field = (int)(key >> 3);
            return true;
        }

        public ReadOnlySpan<byte> Bytes(string name)
        {
            Expect(2, name);
            ulong length = RawVarint();
            if (length > (ulong)_rest.Length)
                throw Corrupt($"{name} of {length} bytes where {_rest.Length} are left");
            return Take((int)length);
        }

        public float Single(string name)
        {
            Expect(5, name);
            return BinaryPrimitives.ReadSingleLittleEndian(Take(4));
        }

        public long Varint(string name)
        {
            Expect(0, name);
            return (long)RawVarint();
        }

        public void Skip()
        {
            switch (_wireType)
            {
                case 0:
                    RawVarint();
                    break;
                case 1:
                    Take(8);
                    break;
                case 2:
                    Bytes("a field");
                    break;
                case 5:
                    Take(4);
                    break;
                default:
                    throw Corrupt($"wire type {_wireType}");
            }
        }

        private readonly void Expect(int wireType, string name)
        {
            if (_wireType != wireType)
                throw Corrupt($"{name} of wire type {_wireType} instead of {wireType}");
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private ulong RawVarint()
        {
            if (_rest is [< 0x80, ..])
            {
                byte single = _rest[0];
                _rest = _rest[1..];
                return single;
            }
            return LongVarint();
        }

        private ulong LongVarint()
        {
            ulong value = 0;
            for (int shift = 0; shift < 64; shift += 7)
            {
                byte next = Take(1)[0];
                value |= (ulong)(next & 0x7F) << shift;
                if (next < 0x80)
                    return value;
            }
            throw Corrupt("a number of more than ten bytes");
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private ReadOnlySpan<byte> Take(int count)
        {
            if (count > _rest.Length)
                throw Corrupt($"{count} bytes were expected where {_rest.Length} are left");
            ReadOnlySpan<byte> taken = _rest[..count];
            _rest = _rest[count..];
            return taken;
        }

        private static TokenizerException Corrupt(string found) =>
            new($"not a SentencePiece model, or a truncated one: {found}.");
    }
}
