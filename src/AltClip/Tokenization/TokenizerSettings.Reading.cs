using System.Text.Json;
using AltClip.Shared;

namespace AltClip.Tokenization;

internal sealed partial class TokenizerSettings
{
    private const string Mask = "mask_token";

    private void ReadConfig(JsonElement config, bool hasTokenizerJson)
    {
        RefuseWhatIsNotDone(config, hasTokenizerJson);
        ReadSpecialTokens(config);
        if (config.TryGetProperty("model_max_length", out JsonElement maxLength))
            ModelMaxLength = ReadMaxLength(maxLength);
        PaddingSide = ReadSide(config, "padding_side");
        TruncationSide = ReadSide(config, "truncation_side");
        if (config.TryGetProperty("clean_up_tokenization_spaces", out JsonElement cleanUp))
            CleanUpTokenizationSpaces = cleanUp.ValueKind == JsonValueKind.True;
        if (!config.TryGetProperty("added_tokens_decoder", out JsonElement added))
            return;
        _hasAddedTokensDecoder = true;
        _added.AddRange(JsonMembers.Named<AddedToken[]>("added_tokens_decoder", () => [.. added.EnumerateObject().Select(ReadDecoderEntry)]));
    }

    private static AddedToken ReadDecoderEntry(JsonProperty token) => int.TryParse(token.Name, out int id)
        ? TokenizerPipelineReader.ReadAddedToken(token.Value, id)
        : throw new TokenizerException($"added_tokens_decoder has the id '{token.Name}'; expected a number.");

    /// <summary>What changes ids in transformers.</summary>
    private static void RefuseWhatIsNotDone(JsonElement config, bool hasTokenizerJson)
    {
        string? type = config.TryGetProperty("tokenizer_class", out JsonElement name) && name.ValueKind == JsonValueKind.String ? name.GetString() : null;
        if (!hasTokenizerJson && type is not (null or "XLMRobertaTokenizer" or "XLMRobertaTokenizerFast"))
            throw new TokenizerException($"tokenizer_class is {type}, and there is no tokenizer.json; expected XLMRobertaTokenizer.");
        Refuse("split_special_tokens", JsonValueKind.True);
        Refuse("add_prefix_space", JsonValueKind.False);

        void Refuse(string key, JsonValueKind value)
        {
            if (config.TryGetProperty(key, out JsonElement found) && found.ValueKind == value)
                throw new TokenizerException($"{key} is {found.GetRawText()}; a tokenizer of XLM-R that does so is not known here.");
        }
    }

    private void ReadSpecialTokens(JsonElement file)
    {
        foreach (string role in _roles.Keys.Where(role => role != Mask).ToList())
        {
            if (file.TryGetProperty(role, out JsonElement token) && token.ValueKind != JsonValueKind.Null)
                _roles[role] = JsonMembers.Named(role, () => ReadName(token, lStrip: false));
        }
        if (file.TryGetProperty(Mask, out JsonElement mask))
        {
            _namesMask = mask.ValueKind != JsonValueKind.Null;
            if (_namesMask)
                _roles[Mask] = JsonMembers.Named(Mask, () => ReadName(mask, lStrip: true));
            else
                _roles.Remove(Mask);
        }
        AddNames(_additional, "additional_special_tokens");
        AddNames(_extra, "extra_special_tokens");

        void AddNames(List<NamedToken> names, string key)
        {
            if (!file.TryGetProperty(key, out JsonElement found))
                return;
            IEnumerable<JsonElement> tokens = found.ValueKind switch
            {
                JsonValueKind.Array => found.EnumerateArray(),
                JsonValueKind.Object => found.EnumerateObject().Select(entry => entry.Value),
                JsonValueKind.Null => [],
                _ => throw new TokenizerException($"{key} is {found.GetRawText()}; expected special tokens."),
            };
            HashSet<string> known = [.. names.Select(name => name.Content)];
            names.AddRange(JsonMembers.Named<NamedToken[]>(key, () => [.. tokens.Select(token => ReadName(token, lStrip: false)).Where(name => known.Add(name.Content))]));
        }
    }

    /// <summary>A token that no file names as a special one is looked for in the normalised text.</summary>
    private void ReadAddedTokens(JsonElement file)
    {
        HashSet<string> special = [.. _roles.Values.Concat(NamedTokens).Select(name => name.Content)];
        foreach (JsonProperty token in file.EnumerateObject())
        {
            if (token.Value.ValueKind != JsonValueKind.Number || !token.Value.TryGetInt32(out int id) || id < 0)
                throw new TokenizerException($"the token '{token.Name}' has the id {token.Value.GetRawText()}; expected a whole number of at least 0.");
            bool isSpecial = special.Contains(token.Name);
            _added.Add(new AddedToken(token.Name, id, Normalized: !isSpecial, Special: isSpecial));
        }
    }

    /// <summary>A special token is written as its text or as an object with flags.</summary>
    private static NamedToken ReadName(JsonElement token, bool lStrip) => token.ValueKind == JsonValueKind.Object
        ? new(TokenizerPipelineReader.ReadSpecialToken(token), HasFlags: true)
        : Usual(token.GetString() ?? throw new TokenizerException("a special token is null; expected its text."), lStrip);

    /// <summary>transformers writes "no limit" as a number of thirty digits.</summary>
    private static int? ReadMaxLength(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Null)
            return null;
        if (value.ValueKind != JsonValueKind.Number || value.GetDouble() is not (>= 1 and var length))
            throw new TokenizerException($"model_max_length is {value.GetRawText()}; expected a number of at least 1.");
        return length > int.MaxValue ? null : (int)length;
    }

    private static Side? ReadSide(JsonElement config, string name)
    {
        if (!config.TryGetProperty(name, out _))
            return null;
        return config.Text(name) switch
        {
            "right" => Side.Right,
            "left" => Side.Left,
            var other => throw new TokenizerException($"{name} is '{other}'; expected 'left' or 'right'."),
        };
    }
}
