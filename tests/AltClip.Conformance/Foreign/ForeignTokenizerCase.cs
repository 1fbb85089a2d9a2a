using System.Text.Json.Nodes;

namespace AltClip.Conformance;

/// <summary>A tokenizer's folder as other programs leave it, and the ids that lines have in it.</summary>
internal sealed class ForeignTokenizerCase
{
    private readonly ForeignTokenizerData _data;
    private readonly JsonNode _json;

    public ForeignTokenizerCase(ForeignTokenizerData data, JsonNode json) => (_data, _json) = (data, json);

    public JsonNode Json => _json;

    public string Name => (string)_json["name"]!;

    public string Folder => Path.Combine(_data.Folder, (string)_json["folder"]!);

    /// <summary>compute, refuse, or either.</summary>
    public string Must => (string?)_json["must"] ?? "compute";

    /// <summary>What the error says.</summary>
    public IEnumerable<string> Says => _json["says"]?.AsArray().Select(text => (string)text!) ?? [];

    /// <summary>The answers that are not right.</summary>
    public IEnumerable<string> Wrong(XLMRobertaTokenizer tokenizer)
    {
        var options = new TokenizerOptions { Padding = _json["options"]?["padding"] is null ? PaddingStrategy.None : PaddingStrategy.Longest };
        string[] lines = _json["lines"] is JsonArray own ? [.. own.Select(line => line!.GetValueKind() == System.Text.Json.JsonValueKind.Number ? _data.Lines[(int)line] : (string)line!)] : _data.Lines;
        int[][] rows = tokenizer.Encode(lines, options).InputIds;
        for (int i = 0; i < rows.Length; i++)
        {
            if (!Answers(i).Any(right => Same(right, rows[i])))
                yield return $"line {i}, '{lines[i]}': [{string.Join(", ", rows[i])}]; expected [{string.Join(", ", Answers(i).First())}]";
        }
        foreach (string wrong in WrongPairs(tokenizer, lines).Concat(WrongDecodes(tokenizer)))
            yield return wrong;
        if (_json["length"] is { } length && (int)length != tokenizer.TotalVocabSize)
            yield return $"{tokenizer.TotalVocabSize} tokens; expected {length}";
    }

    private static bool Same(long[] expected, int[] found) => expected.AsSpan().SequenceEqual(Array.ConvertAll(found, id => (long)id));

    private IEnumerable<string> WrongPairs(XLMRobertaTokenizer tokenizer, string[] lines)
    {
        if (_json["pairs"] is not { } pairs)
            yield break;
        int[] first = [.. pairs["first"]!.AsArray().Select(i => (int)i!)], second = [.. pairs["second"]!.AsArray().Select(i => (int)i!)];
        BatchEncoding found = tokenizer.EncodePairs(
            Array.ConvertAll(first, i => lines[i]), Array.ConvertAll(second, i => lines[i]), new() { ReturnTokenTypeIds = true });
        for (int i = 0; i < first.Length; i++)
        {
            long[] expected = Row(pairs, "ids", i);
            bool otherwise = Answers(first[i]).Any(a => Answers(second[i]).Any(b => Same([.. a, 2, .. b.Skip(1)], found.InputIds[i])));
            if (!Same(expected, found.InputIds[i]) && !otherwise)
                yield return $"pair {i}: [{string.Join(", ", found.InputIds[i])}]; expected [{string.Join(", ", expected)}]";
            if (pairs["type_ids"] is not null && !Same(Row(pairs, "type_ids", i), found.TokenTypeIds![i]))
                yield return $"types of pair {i}: [{string.Join(", ", found.TokenTypeIds[i])}]";
        }
    }

    private IEnumerable<string> WrongDecodes(XLMRobertaTokenizer tokenizer) =>
        from decode in _json["decode"]?.AsArray() ?? []
        let text = tokenizer.Decode(decode["ids"]!.AsArray().Select(id => (int)id!).ToArray(), (bool)decode["skip_special_tokens"]!)
        where text != (string)decode["expect"]!
        select $"{decode["ids"]!.ToJsonString()} decodes to '{text}'; expected '{decode["expect"]}'";

    /// <summary>
    /// The ids of a line, and those that other readers of the same files give it; a line that another case has with the same ids may
    /// have its other ids too, for nothing in it is this case's own.
    /// </summary>
    private IEnumerable<long[]> Answers(int line)
    {
        long[] expected = Row(_json, "ids", line);
        IEnumerable<ForeignTokenizerCase> alike = _json["accept"] is null ? [] : _data.Cases.Where(
            other => other._json["accept"]?[line.ToString()] is not null && Row(other._json, "ids", line).SequenceEqual(expected));
        return [expected, .. alike.Append(this).SelectMany(other => other.Accepted(line))];
    }

    private IEnumerable<long[]> Accepted(int line) =>
        _json["accept"]?[line.ToString()]?.AsArray().Select(row => row!.AsArray().Select(id => (long)id!).ToArray()) ?? [];

    private long[] Row(JsonNode keys, string name, int row)
    {
        long[] offsets = _data.Tensor((string)keys["offsets"]!);
        return _data.Tensor((string)keys[name]!)[(int)offsets[row]..(int)offsets[row + 1]];
    }
}
