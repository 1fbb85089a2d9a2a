using AltClip.Hub;
using AltClip.Shared;
using AltClip.Tokenization;
using Microsoft.ML.Tokenizers;

namespace AltClip.Training.Teacher;

/// <summary>
/// The tokenizer of CLIP's text encoder: byte-pair encoding of lower-cased words (Radford et al., arXiv 2103.00020, section 2.4). Ids equal
/// those of transformers' <c>CLIPTokenizerFast</c>.
/// </summary>
/// <remarks>Immutable once loaded: any number of threads may use one instance. A lone surrogate counts as U+FFFD.</remarks>
public sealed class CLIPTokenizer
{
    /// <summary>The most tokens CLIP's text encoder takes, start and end included.</summary>
    public const int ModelMaxLength = 77;

    /// <summary>What marks the last token of a word in the vocabulary.</summary>
    internal const string EndOfWord = "</w>";

    private const string StartToken = "<|startoftext|>";
    private const string EndToken = "<|endoftext|>";

    private static readonly CLIPPreTokenizer Words = new();

    private readonly BpeTokenizer _pairs;
    private readonly Lazy<LongWordMerger?> _longWords;
    private readonly AddedTokenMatcher _rawTokens;
    private readonly AddedTokenMatcher _normalizedTokens;

    private CLIPTokenizer(CLIPVocabulary vocabulary)
    {
        BosTokenId = Id(StartToken);
        EosTokenId = Id(EndToken);
        _pairs = Pairs(vocabulary);
        _longWords = new(() => LongWordMerger.Create(vocabulary));
        AddedToken[] special = [new(StartToken, BosTokenId, Normalized: true), new(EndToken, EosTokenId, Normalized: true)];
        var added = vocabulary.AddedTokens.Concat(special.ExceptBy(vocabulary.AddedTokens.Select(token => token.Content), token => token.Content)).ToList();
        _rawTokens = new(added.Where(token => !token.Normalized).Select(token => (token.Content, token)));
        _normalizedTokens = new(added.Where(token => token.Normalized).Select(token => (CLIPNormalizer.Normalize(token.Content), token)));

        int Id(string token) => vocabulary.Ids.TryGetValue(token, out int id) ? id
            : vocabulary.AddedTokens.FirstOrDefault(added => added.Content == token)?.Id
            ?? throw new TokenizerException($"the vocabulary has no {token}.");
    }

    /// <summary>The id of <c>&lt;|startoftext|&gt;</c>, with which every text starts.</summary>
    public int BosTokenId { get; }

    /// <summary>The id of <c>&lt;|endoftext|&gt;</c>, with which every text ends.</summary>
    public int EosTokenId { get; }

    /// <summary>The id of padding: the end token's. CLIP attends to no later token, so that it makes no difference to a text's embedding.</summary>
    public int PadTokenId => EosTokenId;

    /// <summary>Reads the tokenizer of a checkpoint: <c>tokenizer.json</c>, or <c>vocab.json</c> and <c>merges.txt</c>.</summary>
    /// <param name="folderOrId">The folder, or a model on the Hub: <c>owner/name</c> or <c>owner/name@revision</c>.</param>
    /// <param name="revision">The branch, tag or commit of a model on the Hub; <c>main</c> if null.</param>
    /// <param name="hub">Where models come from and are kept; null for what the environment variables of <c>huggingface_hub</c> say.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">It has neither form.</exception>
    /// <exception cref="HubException">A file can't be had from the Hub.</exception>
    /// <exception cref="TokenizerException">A file is corrupt or not of this kind of tokenizer.</exception>
    public static CLIPTokenizer FromPretrained(string folderOrId, string? revision = null, HubOptions? hub = null)
    {
        var folder = new PretrainedSource(folderOrId, revision, hub).Locate(CLIPVocabulary.Files);
        var vocabulary = CLIPVocabulary.Read(folder);
        return NamedFile.Read(folder, (message, cause) => new TokenizerException(message, cause), () => new CLIPTokenizer(vocabulary));
    }

    /// <summary>Encodes texts, each between a start and an end token, with their attention masks.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="padding">Whether shorter texts are padded, at their end.</param>
    /// <param name="maxLength">The most tokens of a text, start and end included; what is beyond is cut. Null for no limit.</param>
    /// <exception cref="ArgumentException">A text is null, the length is below 2, or padding to it is asked for where there is none.</exception>
    public BatchEncoding Encode(IReadOnlyList<string> texts, PaddingStrategy padding = PaddingStrategy.Longest, int? maxLength = ModelMaxLength)
    {
        ArgumentNullException.ThrowIfNull(texts);
        if (maxLength is { } length)
            ArgumentOutOfRangeException.ThrowIfLessThan(length, 2, nameof(maxLength));
        if (padding == PaddingStrategy.MaxLength && maxLength is null)
            throw new ArgumentException($"Padding is {padding} and there is no length; expected one.", nameof(maxLength));
        if (texts.Contains(null))
            throw new ArgumentException($"Text {texts.TakeWhile(text => text is not null).Count()} is null.", nameof(texts));

        int[][] rows = [.. texts.Select(text => Row(text, maxLength))];
        int width = padding switch
        {
            PaddingStrategy.None => 0,
            PaddingStrategy.Longest => rows.Select(row => row.Length).DefaultIfEmpty().Max(),
            _ => maxLength!.Value,
        };
        return new BatchEncoding(Array.ConvertAll(rows, row => Padded(row, width, PadTokenId)))
        {
            AttentionMask = Array.ConvertAll(rows, row => Padded(Array.ConvertAll(row, _ => 1), width, 0)),
        };
    }

    private int[] Row(string text, int? maxLength)
    {
        var ids = new List<int>();
        Split(text, _rawTokens, ids, part => Split(CLIPNormalizer.Normalize(part), _normalizedTokens, ids, AddWords));
        int kept = Math.Min(ids.Count, (maxLength ?? int.MaxValue) - 2);
        return [BosTokenId, .. ids[..kept], EosTokenId];

        void AddWords(string part) => Merge(part, ids);
    }

    private void Merge(string text, List<int> ids)
    {
        if (text.Length < LongWordMerger.FewestCharacters || !Words.PreTokenize(text).Any(word => word.Length >= LongWordMerger.FewestCharacters)
            || _longWords.Value is not { } longWords)
        {
            ids.AddRange(_pairs.EncodeToIds(text, considerNormalization: false));
            return;
        }
        foreach ((int offset, int length) in Words.PreTokenize(text))
        {
            if (length >= LongWordMerger.FewestCharacters) longWords.Encode(text.AsSpan(offset, length), ids);
            else ids.AddRange(_pairs.EncodeToIds(text.AsSpan(offset, length), considerPreTokenization: false, considerNormalization: false));
        }
    }

    /// <summary>Adds the tokens written in a text, and gives what lies between them to <paramref name="addText"/>.</summary>
    private static void Split(string text, AddedTokenMatcher tokens, List<int> ids, Action<string> addText)
    {
        int done = 0, search = 0;
        while (tokens.TryFind(text, ref search, done, out var match))
        {
            addText(text[done..Math.Max(match.Start, done)]);
            ids.Add(match.Token.Id);
            done = match.End;
        }
        addText(text[done..]);
    }

    private static int[] Padded(int[] row, int width, int padding) =>
        row.Length >= width ? row : [.. row, .. Enumerable.Repeat(padding, width - row.Length)];

    private static BpeTokenizer Pairs(CLIPVocabulary vocabulary)
    {
        try
        {
            return BpeTokenizer.Create(new BpeOptions(vocabulary.Ids)
            {
                Merges = vocabulary.Merges,
                PreTokenizer = new CLIPPreTokenizer(),
                EndOfWordSuffix = EndOfWord,
                ByteLevel = true,
                UnknownToken = vocabulary.Ids.ContainsKey(EndToken) ? EndToken : null,
            });
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or FormatException)
        {
            throw new TokenizerException($"the merges don't fit the vocabulary: {e.Message}", e);
        }
    }
}
