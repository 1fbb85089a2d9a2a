using System.Text.Encodings.Web;
using System.Text.Json;
using AltClip.Shared;

namespace AltClip.Tokenization;

/// <summary>Writes a tokenizer that was read from a SentencePiece model as the <c>tokenizer.json</c> that is published with XLM-R.</summary>
internal static class TokenizerJsonWriter
{
    private const int FlushAt = 1 << 16;

    /// <param name="stream">Where it goes, as UTF-8.</param>
    /// <param name="model">What the SentencePiece model says.</param>
    /// <param name="addedTokens">All added tokens, those of the settings too.</param>
    public static void Write(Stream stream, TokenizerModel model, IEnumerable<AddedToken> addedTokens)
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WriteString("version", "1.0");
        json.WriteNull("truncation");
        json.WriteNull("padding");
        WriteAddedTokens(json, addedTokens);
        WriteNormalizer(json, model.CompiledCharsMap);
        WritePreTokenizer(json);
        WritePostProcessor(json, model);
        WriteMetaspace(json, "decoder");
        WriteModel(json, model);
        json.WriteEndObject();
    }

    private static void WriteAddedTokens(Utf8JsonWriter json, IEnumerable<AddedToken> tokens)
    {
        json.WriteStartArray("added_tokens");
        // readers give new tokens ids in this order, whatever is written
        foreach (AddedToken token in tokens.OrderBy(t => t.Id))
        {
            json.WriteStartObject();
            json.WriteNumber("id", token.Id);
            json.WriteString("content", token.Content);
            json.WriteBoolean("single_word", token.SingleWord);
            json.WriteBoolean("lstrip", token.LStrip);
            json.WriteBoolean("rstrip", token.RStrip);
            json.WriteBoolean("normalized", token.Normalized);
            json.WriteBoolean("special", token.Special);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteNormalizer(Utf8JsonWriter json, byte[]? charsMap)
    {
        if (charsMap is null)
        {
            json.WriteNull("normalizer");
            return;
        }
        json.WriteStartObject("normalizer");
        json.WriteString("type", "Precompiled");
        json.WriteBase64String("precompiled_charsmap", charsMap);
        json.WriteEndObject();
    }

    private static void WritePreTokenizer(Utf8JsonWriter json)
    {
        json.WriteStartObject("pre_tokenizer");
        json.WriteString("type", "Sequence");
        json.WriteStartArray("pretokenizers");
        json.WriteStartObject();
        json.WriteString("type", "WhitespaceSplit");
        json.WriteEndObject();
        WriteMetaspace(json, null);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteMetaspace(Utf8JsonWriter json, string? name)
    {
        if (name is null)
            json.WriteStartObject();
        else
            json.WriteStartObject(name);
        json.WriteString("type", "Metaspace");
        json.WriteString("replacement", "▁");
        json.WriteString("prepend_scheme", "always");
        json.WriteBoolean("split", true);
        json.WriteEndObject();
    }

    private static void WritePostProcessor(Utf8JsonWriter json, TokenizerModel model)
    {
        json.WriteStartObject("post_processor");
        json.WriteString("type", "TemplateProcessing");
        WriteTemplate(json, "single", model.Single, model.Pieces);
        WriteTemplate(json, "pair", model.Pair, model.Pieces);
        json.WriteStartObject("special_tokens");
        IEnumerable<int> ids = model.Single.Parts.Concat(model.Pair.Parts).SelectMany(part => part.SpecialIds).Distinct();
        foreach (int id in ids.OrderBy(id => model.Pieces[id].ToString(), StringComparer.Ordinal))
        {
            json.WriteStartObject(model.Pieces[id]);
            json.WriteString("id", model.Pieces[id]);
            json.WriteStartArray("ids");
            json.WriteNumberValue(id);
            json.WriteEndArray();
            json.WriteStartArray("tokens");
            json.WriteStringValue(model.Pieces[id]);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteTemplate(Utf8JsonWriter json, string name, SequenceTemplate template, PieceTable pieces)
    {
        json.WriteStartArray(name);
        foreach (SequenceTemplate.Part part in template.Parts)
        {
            bool isSequence = part.Sequence >= 0;
            json.WriteStartObject();
            json.WriteStartObject(isSequence ? "Sequence" : "SpecialToken");
            json.WriteString("id", isSequence ? (part.Sequence == 0 ? "A" : "B") : pieces[part.SpecialIds[0]]);
            json.WriteNumber("type_id", part.TypeId);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteModel(Utf8JsonWriter json, TokenizerModel model)
    {
        json.WriteStartObject("model");
        json.WriteString("type", "Unigram");
        json.WriteNumber("unk_id", model.UnknownId);
        json.WriteStartArray("vocab");
        for (int id = 0; id < model.Pieces.Count; id++)
        {
            json.WriteStartArray();
            json.WriteStringValue(model.Pieces[id]);
            JsonFloat.Write(json, model.Pieces.Score(id));
            json.WriteEndArray();
            if (json.BytesPending > FlushAt)
                json.Flush();
        }
        json.WriteEndArray();
        json.WriteBoolean("byte_fallback", false);
        json.WriteEndObject();
    }
}
