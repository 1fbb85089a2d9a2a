using System.Text.Json;
using AltClip.Shared;

namespace AltClip.Tokenization;

/// <summary>
/// What <c>tokenizer_config.json</c>, <c>special_tokens_map.json</c> and <c>added_tokens.json</c> say; what none of them says is as
/// XLM-R has it. As in transformers, the first is all that counts where it has <c>added_tokens_decoder</c>; where it has not, the
/// second wins over it, and the third has the ids.
/// </summary>
internal sealed partial class TokenizerSettings
{
    private readonly Dictionary<string, NamedToken> _roles = new()
    {
        ["bos_token"] = Usual("<s>"),
        ["eos_token"] = Usual("</s>"),
        ["unk_token"] = Usual("<unk>"),
        ["sep_token"] = Usual("</s>"),
        ["pad_token"] = Usual("<pad>"),
        ["cls_token"] = Usual("<s>"),
        [Mask] = Usual("<mask>", lStrip: true),
    };

    private readonly List<NamedToken> _additional = [];
    private readonly List<NamedToken> _extra = [];
    private readonly List<AddedToken> _added = [];
    private bool _namesMask;
    private bool _hasAddedTokensDecoder;

    private TokenizerSettings()
    {
    }

    public static TokenizerSettings Default { get; } = new();

    public int? ModelMaxLength { get; private set; } = 512;

    /// <summary>Null where it is for <c>tokenizer.json</c> to say.</summary>
    public Side? PaddingSide { get; private set; }

    /// <inheritdoc cref="PaddingSide"/>
    public Side? TruncationSide { get; private set; }

    public bool CleanUpTokenizationSpaces { get; private set; }

    /// <summary>The token of each role (<c>pad_token</c>) that has one.</summary>
    public IReadOnlyDictionary<string, NamedToken> Roles => _roles;

    /// <summary>The tokens that have ids.</summary>
    public IReadOnlyList<AddedToken> AddedTokens => _added;

    /// <summary>The file that these are from, for messages.</summary>
    public string AddedTokensFile { get; private set; } = "";

    /// <summary>Special tokens that the vocabulary need not have, in the order in which they get ids.</summary>
    public IEnumerable<NamedToken> NamedTokens => [.. _namesMask ? [_roles[Mask]] : Array.Empty<NamedToken>(), .. _additional, .. _extra];

    /// <param name="folder">The folder.</param>
    /// <param name="read">The bytes of a file in it, null where there is none of that name.</param>
    /// <param name="hasTokenizerJson">It has a <c>tokenizer.json</c>, which says what kind of tokenizer it is.</param>
    /// <exception cref="TokenizerException">A file is not what it should be, or asks for what is not done here.</exception>
    public static TokenizerSettings Read(string folder, Func<string, byte[]?> read, bool hasTokenizerJson)
    {
        var settings = new TokenizerSettings();
        Use(XLMRobertaTokenizer.ConfigName, config => settings.ReadConfig(config, hasTokenizerJson));
        if (settings._hasAddedTokensDecoder)
            return settings;
        Use(XLMRobertaTokenizer.SpecialTokensName, settings.ReadSpecialTokens);
        Use(XLMRobertaTokenizer.AddedTokensName, settings.ReadAddedTokens);
        return settings;

        void Use(string name, Action<JsonElement> use)
        {
            if (read(name) is not { } json)
                return;
            string path = Path.Combine(folder, name);
            NamedFile.Read(path, (message, cause) => new TokenizerException(message, cause), () =>
            {
                if (FileKind.Of(json) is { } kind)
                    throw new TokenizerException($"the file is {kind}.");
                using JsonDocument document = JsonDocument.Parse(json);
                if (document.RootElement.ValueKind != JsonValueKind.Object)
                    throw new TokenizerException($"expected an object, found {document.RootElement.ValueKind}.");
                use(document.RootElement);
                return true;
            });
            if (settings._added.Count != 0 && settings.AddedTokensFile.Length == 0)
                settings.AddedTokensFile = path;
        }
    }

    private static NamedToken Usual(string content, bool lStrip = false) =>
        new(new AddedToken(content, NamedToken.NoId, LStrip: lStrip), HasFlags: false);
}
