using System.Text.Json;

namespace AltClip;

/// <summary>
/// What <c>tokenizer_config.json</c> and <c>special_tokens_map.json</c> say. The first wins where both speak; what neither says is
/// as XLM-R has it.
/// </summary>
internal sealed class TokenizerSettings
{
    private readonly List<AddedToken> _addedTokens = [];
    private readonly List<string> _additionalSpecials = [];

    private TokenizerSettings()
    {
    }

    public static TokenizerSettings Default { get; } = new();

    public int? ModelMaxLength { get; private set; } = 512;

    public Side PaddingSide { get; private set; } = Side.Right;

    public Side TruncationSide { get; private set; } = Side.Right;

    public bool CleanUpTokenizationSpaces { get; private set; }

    public string BosToken { get; private set; } = "<s>";

    public string EosToken { get; private set; } = "</s>";

    public string SepToken { get; private set; } = "</s>";

    public string ClsToken { get; private set; } = "<s>";

    public string UnkToken { get; private set; } = "<unk>";

    public string PadToken { get; private set; } = "<pad>";

    public string MaskToken { get; private set; } = "<mask>";

    /// <param name="config">The bytes of <c>tokenizer_config.json</c>, null where there is none.</param>
    /// <param name="specialTokens">The bytes of <c>special_tokens_map.json</c>, null where there is none.</param>
    /// <param name="folder">Where they are from, for messages.</param>
    /// <exception cref="InvalidDataException">A file is not what it should be.</exception>
    public static TokenizerSettings Read(byte[]? config, byte[]? specialTokens, string folder)
    {
        var settings = new TokenizerSettings();
        Read("special_tokens_map.json", specialTokens, settings.ReadSpecialTokens);
        Read("tokenizer_config.json", config, settings.ReadConfig);
        return settings;

        void Read(string name, byte[]? json, Action<JsonElement> read)
        {
            if (json is null)
                return;
            try
            {
                using JsonDocument document = JsonDocument.Parse(json);
                if (document.RootElement.ValueKind != JsonValueKind.Object)
                    throw new InvalidDataException($"expected an object, found {document.RootElement.ValueKind}.");
                read(document.RootElement);
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or InvalidDataException)
            {
                throw new InvalidDataException($"{Path.Combine(folder, name)}: {e.Message}", e);
            }
        }
    }

    /// <summary>The model file's added tokens, those of the settings laid over them, and special tokens that neither knows.</summary>
    /// <param name="fromModel">What the model file says.</param>
    /// <param name="pieces">How many pieces the model has: tokens that are new get the ids after them.</param>
    /// <param name="find">The id of a piece, null where there is none.</param>
    public IEnumerable<AddedToken> Complete(IReadOnlyList<AddedToken> fromModel, int pieces, Func<string, int?> find)
    {
        var tokens = new Dictionary<string, AddedToken>();
        foreach (AddedToken token in fromModel.Concat(_addedTokens).Where(t => t.Content.Length != 0))
            tokens[token.Content] = token;
        foreach (string content in _additionalSpecials.Where(c => !tokens.ContainsKey(c)))
        {
            int id = find(content) ?? tokens.Values.Select(t => t.Id).Append(pieces - 1).Max() + 1;
            tokens[content] = new AddedToken(content, id);
        }
        return tokens.Values;
    }

    private void ReadConfig(JsonElement config)
    {
        ReadSpecialTokens(config);
        if (config.TryGetProperty("model_max_length", out JsonElement maxLength))
            ModelMaxLength = ReadMaxLength(maxLength);
        PaddingSide = ReadSide(config, "padding_side");
        TruncationSide = ReadSide(config, "truncation_side");
        if (config.TryGetProperty("clean_up_tokenization_spaces", out JsonElement cleanUp))
            CleanUpTokenizationSpaces = cleanUp.ValueKind == JsonValueKind.True;
        if (!config.TryGetProperty("added_tokens_decoder", out JsonElement added))
            return;
        foreach (JsonProperty token in added.EnumerateObject())
        {
            if (!int.TryParse(token.Name, out int id))
                throw new InvalidDataException($"added_tokens_decoder has the id '{token.Name}'; expected a number.");
            _addedTokens.Add(TokenizerPipelineReader.ReadAddedToken(token.Value, id));
        }
    }

    private void ReadSpecialTokens(JsonElement file)
    {
        BosToken = Content("bos_token") ?? BosToken;
        EosToken = Content("eos_token") ?? EosToken;
        SepToken = Content("sep_token") ?? SepToken;
        ClsToken = Content("cls_token") ?? ClsToken;
        UnkToken = Content("unk_token") ?? UnkToken;
        PadToken = Content("pad_token") ?? PadToken;
        MaskToken = Content("mask_token") ?? MaskToken;
        if (file.TryGetProperty("additional_special_tokens", out JsonElement additional) && additional.ValueKind == JsonValueKind.Array)
            _additionalSpecials.AddRange(additional.EnumerateArray().Select(TextOf).OfType<string>());

        string? Content(string role) => file.TryGetProperty(role, out JsonElement token) ? TextOf(token) : null;
    }

    /// <summary>A special token is written as its text or as an object with flags; null where it is switched off.</summary>
    private static string? TextOf(JsonElement token) => token.ValueKind switch
    {
        JsonValueKind.Object => token.GetProperty("content").GetString(),
        _ => token.GetString(),
    };

    /// <summary>transformers writes "no limit" as a number of thirty digits.</summary>
    private static int? ReadMaxLength(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Null)
            return null;
        double length = value.GetDouble();
        if (!(length >= 1))
            throw new InvalidDataException($"model_max_length is {length}; expected at least 1.");
        return length > int.MaxValue ? null : (int)length;
    }

    private static Side ReadSide(JsonElement config, string name)
    {
        if (!config.TryGetProperty(name, out JsonElement side))
            return Side.Right;
        return side.GetString() switch
        {
            "right" => Side.Right,
            "left" => Side.Left,
            var other => throw new InvalidDataException($"{name} is '{other}'; expected 'left' or 'right'."),
        };
    }
}
