using System.Text.Json;
using System.Text.Json.Nodes;
using AltClip.Tokenization;

namespace AltClip.Conformance;

/// <summary>One option case of the group <c>tokenizer</c>: the arguments of a call of transformers and what it returned.</summary>
internal static class TokenizerCase
{
    private static readonly string[] KnownKeys = ["name", "layout", "args", "options", "expect", "raises"];

    public static void Run(JsonElement @case, XLMRobertaTokenizer tokenizer, bool leftSided, GroupReport report)
    {
        string name = @case.GetProperty("name").GetString()!;
        try
        {
            if (@case.EnumerateObject().FirstOrDefault(p => !KnownKeys.Contains(p.Name)) is { Value.ValueKind: not JsonValueKind.Undefined } unknown)
                throw new NotSupportedException($"this program knows no '{unknown.Name}' of a case");
            JsonElement args = @case.GetProperty("args");
            (TokenizerOptions options, bool words) = ReadOptions(@case.GetProperty("options"), leftSided);
            if (@case.TryGetProperty("raises", out JsonElement raises))
            {
                RunRefusal(name, report, raises, () => Encode(tokenizer, args, options, words));
                return;
            }
            bool single = args[0].ValueKind == JsonValueKind.String;
            Compare(name, report, @case.GetProperty("expect"), Encode(tokenizer, args, options, words), single && !options.ReturnOverflowingTokens);
        }
        catch (NotSupportedException e)
        {
            report.Failed(name, e.Message);
        }
    }

    private static void RunRefusal(string name, GroupReport report, JsonElement raises, Action encode)
    {
        try
        {
            encode();
            report.Failed(name, $"expected a refusal as in '{raises}', found none");
        }
        catch (ArgumentException)
        {
            report.Passed();
        }
    }

    private static BatchEncoding Encode(XLMRobertaTokenizer tokenizer, JsonElement args, TokenizerOptions options, bool words)
    {
        if (args.GetArrayLength() > 2)
            throw new NotSupportedException($"this program knows calls of one or two arguments, found {args.GetArrayLength()}");
        JsonElement[] batches = [.. args.EnumerateArray()];
        if (words)
        {
            string[][][] texts = Array.ConvertAll(batches, b => b.Deserialize<string[][]>()!);
            return texts.Length == 1 ? tokenizer.EncodeWords(texts[0], options) : tokenizer.EncodeWordPairs(texts[0], texts[1], options);
        }
        string[][] plain = Array.ConvertAll(batches, b => b.ValueKind == JsonValueKind.String ? [b.GetString()!] : b.Deserialize<string[]>()!);
        return plain.Length == 1 ? tokenizer.Encode(plain[0], options) : tokenizer.EncodePairs(plain[0], plain[1], options);
    }

    private static (TokenizerOptions Options, bool Words) ReadOptions(JsonElement given, bool leftSided)
    {
        // transformers counts code points
        var options = new TokenizerOptions { OffsetUnit = OffsetUnit.CodePoint };
        if (leftSided)
            options = options with { PaddingSide = Side.Left, TruncationSide = Side.Left };
        bool words = false;
        foreach (JsonProperty option in given.EnumerateObject())
        {
            JsonElement value = option.Value;
            if (option.Name == "is_split_into_words")
            {
                words = value.GetBoolean();
                continue;
            }
            options = option.Name switch
            {
                "add_special_tokens" => options with { AddSpecialTokens = value.GetBoolean() },
                "padding" => options with { Padding = ReadPadding(value) },
                "truncation" => options with { Truncation = ReadTruncation(value) },
                "max_length" => options with { MaxLength = value.GetInt32() },
                "stride" => options with { Stride = value.GetInt32() },
                "pad_to_multiple_of" => options with { PadToMultipleOf = value.GetInt32() },
                "padding_side" => options with { PaddingSide = ReadSide(value) },
                "return_attention_mask" => options with { ReturnAttentionMask = value.GetBoolean() },
                "return_token_type_ids" => options with { ReturnTokenTypeIds = value.GetBoolean() },
                "return_special_tokens_mask" => options with { ReturnSpecialTokensMask = value.GetBoolean() },
                "return_offsets_mapping" => options with { ReturnOffsetsMapping = value.GetBoolean() },
                "return_length" => options with { ReturnLength = value.GetBoolean() },
                "return_overflowing_tokens" => options with { ReturnOverflowingTokens = value.GetBoolean() },
                _ => throw new NotSupportedException($"this program knows no option '{option.Name}'"),
            };
        }
        return (options, words);
    }

    private static PaddingStrategy ReadPadding(JsonElement value) => value.ToString() switch
    {
        "False" or "do_not_pad" => PaddingStrategy.None,
        "True" or "longest" => PaddingStrategy.Longest,
        "max_length" => PaddingStrategy.MaxLength,
        var other => throw new NotSupportedException($"this program knows no padding '{other}'"),
    };

    private static TruncationStrategy ReadTruncation(JsonElement value) => value.ToString() switch
    {
        "False" or "do_not_truncate" => TruncationStrategy.None,
        "True" or "longest_first" => TruncationStrategy.LongestFirst,
        "only_first" => TruncationStrategy.OnlyFirst,
        "only_second" => TruncationStrategy.OnlySecond,
        var other => throw new NotSupportedException($"this program knows no truncation '{other}'"),
    };

    private static Side ReadSide(JsonElement value) => value.GetString() switch
    {
        "left" => Side.Left,
        "right" => Side.Right,
        var other => throw new NotSupportedException($"this program knows no side '{other}'"),
    };

    private static void Compare(string name, GroupReport report, JsonElement expected, BatchEncoding encoding, bool single)
    {
        var found = new Dictionary<string, JsonNode?>
        {
            ["input_ids"] = Rows(encoding.InputIds),
            ["attention_mask"] = Rows(encoding.AttentionMask),
            ["token_type_ids"] = Rows(encoding.TokenTypeIds),
            ["special_tokens_mask"] = Rows(encoding.SpecialTokensMask),
            ["offset_mapping"] = Rows(encoding.OffsetMapping is { } offsets
                ? Array.ConvertAll(offsets, row => Array.ConvertAll(row, o => new[] { o.Start, o.End })) : null),
            ["length"] = JsonSerializer.SerializeToNode(encoding.Length),
            ["overflow_to_sample_mapping"] = JsonSerializer.SerializeToNode(encoding.OverflowToSampleMapping),
        };
        string[] names = [.. expected.EnumerateObject().Select(p => p.Name)];
        if (names.Except(found.Keys).FirstOrDefault() is { } unknown)
            throw new NotSupportedException($"this program knows no output '{unknown}'");
        string[] differing = [.. found.Keys.Where(key => !JsonNode.DeepEquals(found[key],
            expected.TryGetProperty(key, out JsonElement wanted) ? JsonSerializer.SerializeToNode(wanted) : null))];
        if (differing.Length == 0)
            report.Passed();
        else
            report.Failed(name, string.Join("; ", differing.Select(key => $"{key}: found {found[key]?.ToJsonString() ?? "none"}")));

        JsonNode? Rows<T>(T[][]? rows) => JsonSerializer.SerializeToNode(rows is [var only] && single ? (object)only : rows);
    }
}
