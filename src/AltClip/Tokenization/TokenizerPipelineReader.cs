using System.Text.Json;
using AltClip.Shared;

namespace AltClip.Tokenization;

/// <summary>Understands the parts of a <c>tokenizer.json</c> around its model.</summary>
internal static class TokenizerPipelineReader
{
    public static TokenizerModel Read(IReadOnlyDictionary<string, JsonElement> parts, PieceTable pieces, int unknownId)
    {
        JsonElement[] preTokenizers = Named<JsonElement[]>("pre_tokenizer", part => [.. Sequence(part, "pretokenizers")]);
        bool splits = preTokenizers is [var first, ..] && TypeOf(first) == "WhitespaceSplit";
        JsonElement[] after = splits ? preTokenizers[1..] : preTokenizers;
        if (after.Length > 1 || (after is [var only] && TypeOf(only) != "Metaspace"))
            throw Unexpected("pre_tokenizer", preTokenizers, "WhitespaceSplit and then Metaspace, or one of them, or none");
        (SequenceTemplate single, SequenceTemplate pair) = Named("post_processor", PostProcessorReader.Read);
        return new TokenizerModel
        {
            Pieces = pieces,
            UnknownId = unknownId,
            Normalizer = Named("normalizer", NormalizerReader.Read),
            SplitsOnWhitespace = splits,
            Metaspace = after is [var metaspace] ? Named("pre_tokenizer", _ => ReadMetaspace(metaspace, "pre_tokenizer")) : null,
            Decoder = Named("decoder", DecoderReader.Read),
            Single = single,
            Pair = pair,
            AddedTokens = Named<AddedToken[]>("added_tokens", added => added.ValueKind == JsonValueKind.Array
                ? [.. added.EnumerateArray().Select(token => ReadAddedToken(token, token.Int("id")))]
                : []),
            HasFinalFlags = true,
            PaddingSide = Named("padding", padding => ReadSide(padding, "padding")),
            TruncationSide = Named("truncation", truncation => ReadSide(truncation, "truncation")),
            PadToken = Named("padding", padding => padding.ValueKind == JsonValueKind.Object && padding.TryGetProperty("pad_token", out JsonElement pad)
                && pad.ValueKind != JsonValueKind.Null
                ? padding.Text("pad_token")
                : null),
        };

        T Named<T>(string name, Func<JsonElement, T> read) => JsonMembers.Named(name, () => read(parts.GetValueOrDefault(name)));
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
        token.Member("content").ValueKind == JsonValueKind.Null ? "" : token.Text("content"), id, Flag(token, "single_word", false), Flag(token, "lstrip", false), Flag(token, "rstrip", false),
        Flag(token, "normalized", otherwise: !special), special);

    private static bool Flag(JsonElement token, string name, bool otherwise) =>
        token.TryGetProperty(name, out JsonElement flag) ? flag.ValueKind == JsonValueKind.True : otherwise;

    /// <summary>Neither section acts until padding or truncation is asked for; then the side is the file's.</summary>
    private static Side? ReadSide(JsonElement section, string name)
    {
        if (section.ValueKind != JsonValueKind.Object || !section.TryGetProperty("direction", out _))
            return null;
        return section.Text("direction") switch
        {
            "Right" => Side.Right,
            "Left" => Side.Left,
            var other => throw new TokenizerException($"the {name}'s 'direction' is '{other}'; expected 'Left' or 'Right'."),
        };
    }

    /// <summary>Reads a <c>Metaspace</c>, which says its scheme in the way of one of three years.</summary>
    public static Metaspace ReadMetaspace(JsonElement metaspace, string part)
    {
        if (metaspace.Text("replacement") is not [var sign])
            throw new TokenizerException($"the {part}'s 'replacement' is '{metaspace.Member("replacement")}'; expected one character, such as '▁'.");
        string scheme = metaspace.TryGetProperty("prepend_scheme", out JsonElement found) && found.ValueKind != JsonValueKind.Null ? metaspace.Text("prepend_scheme")
            : metaspace.TryGetProperty("add_prefix_space", out JsonElement prefix) && prefix.ValueKind == JsonValueKind.False ? "never"
            : "always";
        MetaspaceScheme read = scheme switch
        {
            "always" => MetaspaceScheme.Always,
            "first" => MetaspaceScheme.First,
            "never" => MetaspaceScheme.Never,
            _ => throw new TokenizerException($"the {part}'s 'prepend_scheme' is '{scheme}'; expected 'always', 'first' or 'never'."),
        };
        return new Metaspace(sign, read, Splits: !metaspace.TryGetProperty("split", out JsonElement split) || split.ValueKind != JsonValueKind.False);
    }

    /// <summary>A part's steps, of sequences in sequences too.</summary>
    public static IEnumerable<JsonElement> Sequence(JsonElement part, string name) => TypeOf(part) switch
    {
        null => [],
        "Sequence" => part.Items(name).SelectMany(inner => Sequence(inner, name)),
        _ => [part],
    };

    public static string? TypeOf(JsonElement part) =>
        part.ValueKind == JsonValueKind.Object && part.TryGetProperty("type", out JsonElement type) && type.ValueKind != JsonValueKind.Null
            ? part.Text("type")
            : null;

    public static TokenizerException Unexpected(string part, JsonElement[] found, string expected) =>
        new($"the {part} is [{string.Join(", ", found.Select(f => TypeOf(f) ?? "null"))}]; this library computes {expected}.");
}
