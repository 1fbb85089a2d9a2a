using System.Text.Json;

namespace AltClip.Tokenization;

/// <summary>Understands the parts of a <c>tokenizer.json</c> around its model.</summary>
internal static class TokenizerPipelineReader
{
    public static TokenizerModel Read(IReadOnlyDictionary<string, JsonElement> parts, PieceTable pieces, int unknownId)
    {
        JsonElement[] preTokenizers = [.. Sequence(Part("pre_tokenizer"), "pretokenizers")];
        bool splits = preTokenizers.Length == 2 && TypeOf(preTokenizers[0]) == "WhitespaceSplit";
        if (preTokenizers.Length != (splits ? 2 : 1) || TypeOf(preTokenizers[^1]) != "Metaspace")
            throw Unexpected("pre_tokenizer", preTokenizers, "Metaspace, with or without WhitespaceSplit before it");
        JsonElement decoder = Part("decoder");
        if (TypeOf(decoder) != "Metaspace")
            throw Unexpected("decoder", [decoder], "Metaspace");
        (SequenceTemplate single, SequenceTemplate pair) = ReadTemplates(Part("post_processor"));
        return new TokenizerModel
        {
            Pieces = pieces,
            UnknownId = unknownId,
            Normalizer = ReadNormalizer(Part("normalizer")),
            SplitsOnWhitespace = splits,
            PrependsMetaspace = Prepends(preTokenizers[^1], "pre_tokenizer"),
            DecodesWithoutFirstMetaspace = Prepends(decoder, "decoder"),
            Single = single,
            Pair = pair,
            AddedTokens = parts.TryGetValue("added_tokens", out JsonElement added) && added.ValueKind == JsonValueKind.Array
                ? [.. added.EnumerateArray().Select(token => ReadAddedToken(token, token.GetProperty("id").GetInt32()))]
                : [],
            HasFinalFlags = true,
            PaddingSide = ReadSide(Part("padding"), "padding"),
            TruncationSide = ReadSide(Part("truncation"), "truncation"),
            PadToken = Part("padding") is { ValueKind: JsonValueKind.Object } padding && padding.TryGetProperty("pad_token", out JsonElement pad)
                ? pad.GetString()
                : null,
        };

        JsonElement Part(string name) => parts.GetValueOrDefault(name);
    }

    /// <summary>Reads an added token that has an id, as <c>tokenizer.json</c> and <c>tokenizer_config.json</c> write it.</summary>
    public static AddedToken ReadAddedToken(JsonElement token, int id)
    {
        if (id < 0)
            throw new TokenizerException($"an added token has the id {id}; expected at least 0.");
        if (!token.TryGetProperty("content", out _))
            throw new TokenizerException($"the added token {id} has no 'content'.");
        return ReadFlags(token, id, Flag(token, "special", otherwise: false));
    }

    /// <summary>Reads a special token that is written without an id.</summary>
    public static AddedToken ReadSpecialToken(JsonElement token)
    {
        if (!token.TryGetProperty("content", out _))
            throw new TokenizerException($"the special token {token.GetRawText()} has no 'content'.");
        return ReadFlags(token, NamedToken.NoId, special: true);
    }

    private static AddedToken ReadFlags(JsonElement token, int id, bool special) => new(
        token.GetProperty("content").GetString() ?? "", id, Flag(token, "single_word", false), Flag(token, "lstrip", false), Flag(token, "rstrip", false),
        Flag(token, "normalized", otherwise: !special), special);

    private static bool Flag(JsonElement token, string name, bool otherwise) =>
        token.TryGetProperty(name, out JsonElement flag) ? flag.ValueKind == JsonValueKind.True : otherwise;

    /// <summary>Neither section acts until padding or truncation is asked for; then the side is the file's.</summary>
    private static Side? ReadSide(JsonElement section, string name)
    {
        if (section.ValueKind != JsonValueKind.Object || !section.TryGetProperty("direction", out JsonElement direction))
            return null;
        return direction.GetString() switch
        {
            "Right" => Side.Right,
            "Left" => Side.Left,
            var other => throw new TokenizerException($"the {name}'s 'direction' is '{other}'; expected 'Left' or 'Right'."),
        };
    }

    private static TextNormalizer ReadNormalizer(JsonElement normalizer)
    {
        JsonElement[] all = [.. Sequence(normalizer, "normalizers")];
        PrecompiledCharsMap? charsMap = null;
        List<TextNormalizer.Step> steps = [];
        for (int i = 0; i < all.Length; i++)
        {
            switch (TypeOf(all[i]))
            {
                case "Precompiled" when i == 0:
                    charsMap = new PrecompiledCharsMap(Base64(all[i]));
                    break;
                case "Strip":
                    steps.Add(new TextNormalizer.Strip(all[i].GetProperty("strip_left").GetBoolean(), all[i].GetProperty("strip_right").GetBoolean()));
                    break;
                case "Replace" when SpaceRunReplacement(all[i]) is { } replacement:
                    steps.Add(new TextNormalizer.ReplaceSpaceRuns(replacement));
                    break;
                default:
                    throw Unexpected("normalizer", all, "Precompiled first, then Strip and Replace of ' {2,}' by at most two characters");
            }
        }
        return new TextNormalizer(charsMap, steps);
    }

    private static byte[] Base64(JsonElement precompiled)
    {
        if (precompiled.TryGetProperty("precompiled_charsmap", out JsonElement text) && text.TryGetBytesFromBase64(out byte[]? bytes))
            return bytes;
        throw new TokenizerException("the normalizer's 'precompiled_charsmap' is not base64.");
    }

    private static string? SpaceRunReplacement(JsonElement replace)
    {
        bool runs = replace.GetProperty("pattern").TryGetProperty("Regex", out JsonElement regex) && regex.GetString() == " {2,}";
        return runs && replace.GetProperty("content").GetString() is { Length: <= 2 } content ? content : null;
    }

    private static bool Prepends(JsonElement metaspace, string part)
    {
        if (metaspace.GetProperty("replacement").GetString() != "▁")
            throw new TokenizerException($"the {part}'s 'replacement' is '{metaspace.GetProperty("replacement")}'; expected '▁'.");
        if (metaspace.TryGetProperty("split", out JsonElement split) && split.ValueKind == JsonValueKind.False)
            throw new TokenizerException($"the {part}'s 'split' is false; expected true.");
        // files of before 2024 say add_prefix_space instead
        string scheme = metaspace.TryGetProperty("prepend_scheme", out JsonElement found) ? found.GetString() ?? "always"
            : metaspace.TryGetProperty("add_prefix_space", out JsonElement prefix) && prefix.ValueKind == JsonValueKind.False ? "never"
            : "always";
        return scheme switch
        {
            "always" => true,
            "never" => false,
            _ => throw new TokenizerException($"the {part}'s 'prepend_scheme' is '{scheme}'; expected 'always' or 'never'."),
        };
    }

    private static (SequenceTemplate Single, SequenceTemplate Pair) ReadTemplates(JsonElement processor)
    {
        if (TypeOf(processor) is null)
            return (new([SequenceTemplate.Part.Of(0)]), new([SequenceTemplate.Part.Of(0), SequenceTemplate.Part.Of(1, typeId: 1)]));
        if (TypeOf(processor) != "TemplateProcessing")
            throw Unexpected("post_processor", [processor], "TemplateProcessing");
        JsonElement specials = processor.GetProperty("special_tokens");
        SequenceTemplate single = ReadTemplate(processor.GetProperty("single"), specials);
        SequenceTemplate pair = ReadTemplate(processor.GetProperty("pair"), specials);
        if (!SequencesOf(single).SequenceEqual([0]) || !SequencesOf(pair).SequenceEqual([0, 1]))
            throw new TokenizerException("the post_processor's templates must hold sequence A once, and A and then B for a pair.");
        return (single, pair);

        static IEnumerable<int> SequencesOf(SequenceTemplate template) => template.Parts.Where(p => p.Sequence >= 0).Select(p => p.Sequence);
    }

    private static SequenceTemplate ReadTemplate(JsonElement pieces, JsonElement specials)
    {
        return new([.. pieces.EnumerateArray().Select(Read)]);

        SequenceTemplate.Part Read(JsonElement piece)
        {
            if (piece.TryGetProperty("Sequence", out JsonElement sequence))
                return new(sequence.GetProperty("id").GetString() == "A" ? 0 : 1, sequence.GetProperty("type_id").GetInt32(), []);
            JsonElement token = piece.GetProperty("SpecialToken");
            string id = token.GetProperty("id").GetString()!;
            if (!specials.TryGetProperty(id, out JsonElement special))
                throw new TokenizerException($"the post_processor puts in '{id}', which its 'special_tokens' lack.");
            return new(-1, token.GetProperty("type_id").GetInt32(), [.. special.GetProperty("ids").EnumerateArray().Select(i => i.GetInt32())]);
        }
    }

    private static IEnumerable<JsonElement> Sequence(JsonElement part, string name) => TypeOf(part) switch
    {
        null => [],
        "Sequence" => part.GetProperty(name).EnumerateArray(),
        _ => [part],
    };

    private static string? TypeOf(JsonElement part) =>
        part.ValueKind == JsonValueKind.Object && part.TryGetProperty("type", out JsonElement type) ? type.GetString() : null;

    private static TokenizerException Unexpected(string part, JsonElement[] found, string expected) =>
        new($"the {part} is [{string.Join(", ", found.Select(f => TypeOf(f) ?? "null"))}]; an XLM-R tokenizer has {expected}.");
}
