using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AltClip.Tests;

/// <summary>Tokenizer files with a handful of pieces.</summary>
internal static class TinyTokenizer
{
    public static readonly (string Text, double Score)[] Specials = [("<s>", 0), ("<pad>", 0), ("</s>", 0), ("<unk>", 0)];

    public static readonly (string Text, double Score)[] Pieces =
    [
        ("▁", -3), ("▁a", -2), ("b", -4), ("▁ab", -2.5), ("c", -4), ("bc", -5), ("▁cat", -1), ("a", -6), ("😀", -7),
    ];

    /// <summary>A <c>tokenizer.json</c> like XLM-R's: specials, the pieces, <c>&lt;mask&gt;</c>.</summary>
    public static JsonObject Json(params IEnumerable<(string Text, double Score)> pieces)
    {
        (string Text, double Score)[] all = [.. Specials, .. pieces, ("<mask>", 0)];
        var json = JsonNode.Parse("""
            {
              "version": "1.0", "truncation": null, "padding": null, "added_tokens": [], "normalizer": null,
              "pre_tokenizer": { "type": "Sequence", "pretokenizers": [
                { "type": "WhitespaceSplit" }, { "type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true } ] },
              "post_processor": { "type": "TemplateProcessing",
                "single": [ { "SpecialToken": { "id": "<s>", "type_id": 0 } }, { "Sequence": { "id": "A", "type_id": 0 } },
                  { "SpecialToken": { "id": "</s>", "type_id": 0 } } ],
                "pair": [ { "SpecialToken": { "id": "<s>", "type_id": 0 } }, { "Sequence": { "id": "A", "type_id": 0 } },
                  { "SpecialToken": { "id": "</s>", "type_id": 0 } }, { "SpecialToken": { "id": "</s>", "type_id": 0 } },
                  { "Sequence": { "id": "B", "type_id": 1 } }, { "SpecialToken": { "id": "</s>", "type_id": 1 } } ],
                "special_tokens": { "<s>": { "id": "<s>", "ids": [0], "tokens": ["<s>"] }, "</s>": { "id": "</s>", "ids": [2], "tokens": ["</s>"] } } },
              "decoder": { "type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true },
              "model": { "type": "Unigram", "unk_id": 3, "byte_fallback": false, "vocab": [] }
            }
            """)!.AsObject();
        JsonArray vocabulary = json["model"]!["vocab"]!.AsArray();
        foreach ((string text, double score) in all)
            vocabulary.Add(new JsonArray(text, score));
        foreach (string content in (string[])["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
            AddToken(json, content, Array.FindIndex(all, p => p.Text == content), "special", content == "<mask>" ? "lstrip" : "special");
        return json;
    }

    public static void AddToken(JsonObject json, string content, int id, params string[] flags)
    {
        var token = new JsonObject { ["id"] = id, ["content"] = content };
        foreach (string flag in (string[])["single_word", "lstrip", "rstrip", "normalized", "special"])
            token[flag] = flags.Contains(flag);
        json["added_tokens"]!.AsArray().Add(token);
    }

    public static XLMRobertaTokenizer Load(JsonObject json) => Load(JsonSerializer.SerializeToUtf8Bytes(json));

    public static XLMRobertaTokenizer Load(byte[] file) => XLMRobertaTokenizer.FromStream(new MemoryStream(file));

    /// <summary>A SentencePiece model: <c>&lt;unk&gt; &lt;s&gt; &lt;/s&gt;</c>, then the pieces.</summary>
    public static byte[] SentencePiece(int modelType = 1, byte[]? charsMap = null, params IEnumerable<(string Text, double Score)> pieces)
    {
        var model = new MemoryStream();
        foreach ((string text, double score, int type) in (IEnumerable<(string, double, int)>)
            [("<unk>", 0, 2), ("<s>", 0, 3), ("</s>", 0, 3), .. pieces.Select(p => (p.Text, p.Score, 1))])
        {
            var piece = new MemoryStream();
            WriteBytes(piece, 1, Encoding.UTF8.GetBytes(text));
            piece.WriteByte(2 << 3 | 5);
            var bits = new byte[4];
            BinaryPrimitives.WriteSingleLittleEndian(bits, (float)score);
            piece.Write(bits);
            piece.Write([3 << 3, (byte)type]);
            WriteBytes(model, 1, piece.ToArray());
        }
        WriteBytes(model, 2, [3 << 3, (byte)modelType]);
        if (charsMap is not null)
        {
            var normalizer = new MemoryStream();
            WriteBytes(normalizer, 2, charsMap);
            WriteBytes(model, 3, normalizer.ToArray());
        }
        return model.ToArray();
    }

    private static void WriteBytes(MemoryStream message, int field, byte[] bytes)
    {
        message.WriteByte((byte)(field << 3 | 2));
        for (uint rest = (uint)bytes.Length; ; rest >>= 7)
        {
            message.WriteByte((byte)(rest < 0x80 ? rest : rest & 0x7F | 0x80));
            if (rest < 0x80)
                break;
        }
        message.Write(bytes);
    }
}
