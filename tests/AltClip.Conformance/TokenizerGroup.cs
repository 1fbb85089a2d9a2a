using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AltClip.Checkpoints;

namespace AltClip.Conformance;

/// <summary>
/// The group <c>tokenizer</c>: every line in both pipelines, every option case, decode and vocabulary entry. The published pipeline
/// is read from <c>tokenizer.json</c> and again from <c>sentencepiece.bpe.model</c>.
/// </summary>
internal static class TokenizerGroup
{
    internal static GroupReport Run(string folder)
    {
        var report = new GroupReport("tokenizer");
        XLMRobertaTokenizer hub = XLMRobertaTokenizer.FromFile(Path.Combine(folder, "tokenizer.json"));
        XLMRobertaTokenizer sentencePiece = XLMRobertaTokenizer.FromFile(Path.Combine(folder, "sentencepiece.bpe.model"));
        XLMRobertaTokenizer converted = Converted(folder);

        RunLines(folder, report, [("hub", "tokenizer.json", hub), ("hub", "sentencepiece.bpe.model", sentencePiece), ("converted", "converted", converted)]);
        using JsonDocument cases = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "cases.json")));
        foreach (JsonProperty section in cases.RootElement.EnumerateObject())
        {
            switch (section.Name)
            {
                case "tokenizer":
                    RunProperties(section.Value, hub, report);
                    break;
                case "cases":
                    RunCases(section.Value, hub, sentencePiece, converted, report);
                    break;
                case "decode":
                    RunDecodes(section.Value, hub, report);
                    break;
                case "vocabulary":
                    RunVocabulary(section.Value, hub, report);
                    break;
                default:
                    report.Failed(section.Name, "this program knows no such section");
                    break;
            }
        }
        return report;
    }

    /// <summary>The tokenizer as transformers converts it: the published vocabulary under the converted pipeline.</summary>
    private static XLMRobertaTokenizer Converted(string folder)
    {
        JsonObject file = JsonNode.Parse(File.ReadAllBytes(Path.Combine(folder, "tokenizer.json")))!.AsObject();
        foreach ((string name, JsonNode? part) in JsonNode.Parse(File.ReadAllBytes(Path.Combine(folder, "converted-pipeline.json")))!.AsObject())
            file[name] = part?.DeepClone();
        return XLMRobertaTokenizer.FromStream(new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(file)));
    }

    private static void RunLines(
        string folder, GroupReport report, (string Layout, string Source, XLMRobertaTokenizer Tokenizer)[] tokenizers)
    {
        string[] lines = File.ReadAllText(Path.Combine(folder, "lines.txt"), new UTF8Encoding(false, true)).Split('\n');
        using SafeTensors expected = SafeTensors.Open(Path.Combine(folder, "lines.safetensors"));
        foreach ((string layout, string source, XLMRobertaTokenizer tokenizer) in tokenizers)
        {
            long[] offsets = expected.Integers($"{layout}.offsets"), ids = expected.Integers($"{layout}.ids");
            if (offsets.Length != lines.Length + 1)
            {
                report.Failed($"lines ({source})", $"lines.txt has {lines.Length} lines, {layout}.offsets {offsets.Length - 1}");
                continue;
            }
            int[][] rows = tokenizer.Encode(lines).InputIds;
            for (int i = 0; i < lines.Length; i++)
            {
                long[] wanted = ids[(int)offsets[i]..(int)offsets[i + 1]];
                if (wanted.SequenceEqual(Array.ConvertAll(rows[i], id => (long)id)))
                    report.Passed();
                else
                    report.Failed($"line {i} ({source})", $"expected [{string.Join(", ", wanted)}], found [{string.Join(", ", rows[i])}]");
            }
        }
    }

    private static void RunProperties(JsonElement properties, XLMRobertaTokenizer tokenizer, GroupReport report)
    {
        foreach (JsonProperty property in properties.EnumerateObject())
        {
            JsonNode? found = property.Name switch
            {
                "vocab_size" => tokenizer.VocabSize,
                "len" => tokenizer.TotalVocabSize,
                "model_input_names" => JsonSerializer.SerializeToNode(XLMRobertaTokenizer.ModelInputNames),
                "unknown token to id" => tokenizer.ConvertTokenToId("a token that no vocabulary has"),
                _ => null,
            };
            Compare(report, property.Name, property.Value, found);
        }
    }

    private static void RunCases(
        JsonElement cases, XLMRobertaTokenizer hub, XLMRobertaTokenizer sentencePiece, XLMRobertaTokenizer converted, GroupReport report)
    {
        foreach (JsonElement @case in cases.EnumerateArray())
        {
            string layout = @case.GetProperty("layout").GetString()!;
            XLMRobertaTokenizer[] tokenizers = layout switch
            {
                "hub" or "left" => [hub, sentencePiece],
                "converted" => [converted],
                _ => [],
            };
            if (tokenizers.Length == 0)
                report.Failed(@case.GetProperty("name").GetString()!, $"this program knows no layout '{layout}'");
            foreach (XLMRobertaTokenizer tokenizer in tokenizers)
                TokenizerCase.Run(@case, tokenizer, leftSided: layout == "left", report);
        }
    }

    private static void RunDecodes(JsonElement decodes, XLMRobertaTokenizer tokenizer, GroupReport report)
    {
        foreach (JsonElement decode in decodes.EnumerateArray())
        {
            string name = $"decode {decode}";
            int[] ids = [.. decode.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];
            string text = tokenizer.Decode(
                ids, decode.GetProperty("skip_special_tokens").GetBoolean(), decode.GetProperty("clean_up_tokenization_spaces").GetBoolean());
            if (RefusesUnknown(report, name, decode, "ids", "skip_special_tokens", "clean_up_tokenization_spaces", "expect"))
                Compare(report, name, decode.GetProperty("expect"), text);
        }
    }

    private static void RunVocabulary(JsonElement entries, XLMRobertaTokenizer tokenizer, GroupReport report)
    {
        foreach (JsonElement entry in entries.EnumerateArray())
        {
            int id = entry.GetProperty("id").GetInt32();
            string token = entry.GetProperty("token").GetString()!;
            if (!RefusesUnknown(report, $"vocabulary {entry}", entry, "id", "token"))
                continue;
            Compare(report, $"token of {id}", entry.GetProperty("token"), tokenizer.ConvertIdToToken(id));
            Compare(report, $"id of '{token}'", entry.GetProperty("id"), tokenizer.ConvertTokenToId(token));
        }
    }

    /// <summary>False, and a failure, where the element says something this program does not know.</summary>
    private static bool RefusesUnknown(GroupReport report, string name, JsonElement element, params string[] known)
    {
        foreach (JsonProperty property in element.EnumerateObject().Where(p => !known.Contains(p.Name)))
        {
            report.Failed(name, $"this program knows no '{property.Name}'");
            return false;
        }
        return true;
    }

    private static void Compare(GroupReport report, string name, JsonElement expected, JsonNode? found)
    {
        if (JsonNode.DeepEquals(JsonSerializer.SerializeToNode(expected), found))
            report.Passed();
        else
            report.Failed(name, $"expected {expected}, found {found?.ToJsonString() ?? "nothing that this program knows"}");
    }
}
