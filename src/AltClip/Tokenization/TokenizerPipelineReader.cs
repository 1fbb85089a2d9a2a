using System.Text.Json;
using AltClip.Shared;

namespace AltClip.Tokenization;

/// <summary>Understands the parts of a <c>tokenizer.json</c> around its model.</summary>
internal static class TokenizerPipelineReader
{
    public static TokenizerModel Read(IReadOnlyDictionary<string, JsonElement> parts, PieceTable pieces, int unknownId)
    {
        JsonElement[] preTokenizers = Named("pre_tokenizer", part => Sequence(part, "pretokenizers").ToArray());
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
            Metaspace = after is [var metaspace] ? ReadMetaspace(metaspace, "pre_tokenizer") : null,
            Decoder = Named("decoder", DecoderReader.Read),
            Single = single,
            Pair = pair,
            AddedTokens = Named("added_tokens", added => added.ValueKind == JsonValueKind.Array
                ? added.EnumerateArray().Select(token => ReadAddedToken(token, token.Number("id"))).ToArray()
                : []),
            HasFinalFlags = true,
            PaddingSide = ReadSide(Part("padding"), "padding"),
            TruncationSide = ReadSide(Part("truncation"), "truncation"),
            PadToken = Part("padding") is { ValueKind: JsonValueKind.Object } padding && padding.OptionalMember("pad_token") is { ValueKind: not JsonValueKind.Null }
                ? padding.Text("pad_token")
                : null,
        };

        JsonElement Part(string name) => parts.GetValueOrDefault(name);

        T Named<T>(string name, Func<JsonElement, T> read)
        {
            try
            {
                return read(Part(name));
            }
            catch (TokenizerException e) when (!e.Message.Contains(name, StringComparison.Ordinal))
            {
                throw new TokenizerException($"the {name}: {e.Message}", e);
            }
        }
    }

    /// <summary>Reads an added token that has an id, as <c>tokenizer.json</c> and <c>tokenizer_config.json</c> write it.</summary>
    public static AddedToken ReadAddedToken(JsonElement token, int id)
    {
        if (id < 0)
            throw new TokenizerException($"an added token has the id {id}; expected at least 0.");
        if (token.OptionalMember("content") is null)
            throw new TokenizerException($"the added token {id} has no 'content'.");
        return ReadFlags(token, id, Flag(token, "special", otherwise: false));
    }

    /// <summary>Reads a special token that is written without an id.</summary>
    public static AddedToken ReadSpecialToken(JsonElement token)
    {
        if (token.OptionalMember("content") is null)
            throw new TokenizerException($"the special token {token.GetRawText()} has no 'content'.");
        return ReadFlags(token, NamedToken.NoId, special: true);
    }

    private static AddedToken ReadFlags(JsonElement token, int id, bool special) => new(
        token.Text("content"), id, Flag(token, "single_word", false), Flag(token, "lstrip", false), Flag(token, "rstrip", false),
        Flag(token, "normalized", otherwise: !special), special);

    private static bool Flag(JsonElement token, string name, bool otherwise) =>
        token.TryGetProperty(name, out JsonElement flag) ? flag.ValueKind == JsonValueKind.True : otherwise;

    /// <summary>Neither section acts until padding or truncation is asked for; then the side is the file's.</summary>
    private static Side? ReadSide(JsonElement section, string name)
    {
        if (section.ValueKind != JsonValueKind.Object || section.OptionalMember("direction") is null)
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
            throw new TokenizerException($"the {part}'s 'replacement' is '{Listing.Cut(metaspace.Text("replacement"))}'; expected one character, such as '▁'.");
        string scheme = metaspace.OptionalMember("prepend_scheme") is { ValueKind: not JsonValueKind.Null } ? metaspace.Text("prepend_scheme")
            : metaspace.TryGetProperty("add_prefix_space", out JsonElement prefix) && prefix.ValueKind == JsonValueKind.False ? "never"
            : "always";
        MetaspaceScheme read = scheme switch
        {
            "always" => MetaspaceScheme.Always,
            "first" => MetaspaceScheme.First,
            "never" => MetaspaceScheme.Never,
            _ => throw new TokenizerException($"the {part}'s 'prepend_scheme' is '{Listing.Cut(scheme)}'; expected 'always', 'first' or 'never'."),
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
        part.ValueKind == JsonValueKind.Object && part.OptionalMember("type") is { ValueKind: not JsonValueKind.Null } ? part.Text("type") : null;

    public static TokenizerException Unexpected(string part, JsonElement[] found, string expected) =>
        new($"the {part} is [{string.Join(", ", found.Select(f => TypeOf(f) ?? "null"))}]; this library computes {expected}.");
}
