using System.Runtime.CompilerServices;
using System.Text.Json;

namespace AltClip.Tokenization;

/// <summary>
/// Reads the <c>tokenizer.json</c> of an XLM-R tokenizer. The vocabulary is streamed; the pipeline's parts are understood in the
/// forms in which XLM-R is published and converted, and anything else is refused by name.
/// </summary>
internal static class TokenizerJsonReader
{
    /// <exception cref="JsonException">The bytes are not JSON.</exception>
    /// <exception cref="TokenizerException">The file is of another kind of tokenizer.</exception>
    public static TokenizerModel Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        var parts = new Dictionary<string, JsonElement>();
        (PieceTable Pieces, int UnknownId, bool FallsBackToBytes)? model = null;
        Expect(ref reader, JsonTokenType.StartObject, "the file");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            if (name == "model")
                model = ReadModel(ref reader);
            else
                parts[name] = JsonElement.ParseValue(ref reader);
        }
        // what follows the object, if anything, is not JSON
        reader.Read();
        if (model is not { } found)
            throw new TokenizerException("expected a 'model', found none.");
        return TokenizerPipelineReader.Read(parts, found.Pieces, found.UnknownId) with { FallsBackToBytes = found.FallsBackToBytes };
    }

    private static (PieceTable Pieces, int UnknownId, bool FallsBackToBytes) ReadModel(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new TokenizerException($"expected 'model' to be an object, found {reader.TokenType}.");
        string? type = null;
        int? unknownId = null;
        bool byteFallback = false;
        PieceTable? pieces = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            if (name == "type" && reader.TokenType == JsonTokenType.String)
                type = reader.GetString();
            else if (name == "unk_id" && reader.TokenType == JsonTokenType.Number)
                unknownId = reader.TryGetInt32(out int id) ? id : -1;
            else if (name == "byte_fallback")
                byteFallback = reader.TokenType == JsonTokenType.True;
            else if (name == "vocab" && reader.TokenType == JsonTokenType.StartArray)
                pieces = ReadVocabulary(ref reader);
            else
                reader.Skip();
        }
        if (type is not (null or "Unigram"))
            throw new TokenizerException($"the model is of type '{type}'; XLM-R's is Unigram.");
        if (pieces is null)
            throw new TokenizerException("expected the model's 'vocab' to be an array of pieces with scores, as a Unigram model has it.");
        if (unknownId is not { } unknown || unknown < 0 || unknown >= pieces.Count)
            throw new TokenizerException($"expected the model's 'unk_id' to be one of its {pieces.Count} pieces, found {unknownId?.ToString() ?? "none"}.");
        return (pieces, unknown, byteFallback);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static PieceTable ReadVocabulary(ref Utf8JsonReader reader)
    {
        var pieces = new PieceTable.Builder();
        byte[] unescaped = [];
        while (reader.Read() && reader.TokenType == JsonTokenType.StartArray)
        {
            Expect(ref reader, JsonTokenType.String, "the text of a piece of 'vocab'");
            ReadOnlySpan<byte> text = reader.ValueSpan;
            if (reader.ValueIsEscaped)
            {
                if (unescaped.Length < text.Length)
                    unescaped = new byte[text.Length];
                text = unescaped.AsSpan(0, reader.CopyString(unescaped));
            }
            Expect(ref reader, JsonTokenType.Number, "the score of a piece of 'vocab'");
            double score = reader.GetDouble();
            if (!double.IsFinite(score))
                throw new TokenizerException($"piece {pieces.Count} of 'vocab' has the score {score}; expected a finite number.");
            pieces.Add(text, score);
            Expect(ref reader, JsonTokenType.EndArray, "the end of a piece of 'vocab'");
        }
        if (reader.TokenType != JsonTokenType.EndArray)
            throw new TokenizerException($"expected piece {pieces.Count} of 'vocab' to be an array of text and score, found {reader.TokenType}.");
        return pieces.Build();
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType expected, string what)
    {
        reader.Read();
        if (reader.TokenType != expected)
            throw new TokenizerException($"expected {what} to be {expected}, found {reader.TokenType} at byte {reader.TokenStartIndex}.");
    }
}
