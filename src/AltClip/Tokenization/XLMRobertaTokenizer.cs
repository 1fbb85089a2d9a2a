using AltClip.Tokenization;

namespace AltClip;

/// <summary>
/// The tokenizer of XLM-RoBERTa: a SentencePiece unigram model behind the pipeline of the tokenizers library. Ids, masks and offsets
/// equal those of transformers' <c>XLMRobertaTokenizerFast</c>.
/// </summary>
/// <remarks>
/// Immutable once loaded: any number of threads may use one instance. Two things differ from Python, whose strings know neither
/// case: a lone surrogate counts as U+FFFD, and offsets count UTF-16 units unless <see cref="OffsetUnit.CodePoint"/> is asked for.
/// </remarks>
public sealed partial class XLMRobertaTokenizer
{
    private static readonly TokenizerOptions DefaultOptions = new();

    private readonly TokenizerModel _model;
    private readonly UnigramSegmenter _segmenter;
    private readonly SequenceEncoder _encoder;
    private readonly Dictionary<string, AddedToken> _addedByContent = [];
    private readonly Dictionary<int, AddedToken> _addedById = [];
    private readonly TokenizerFiles _files;

    private XLMRobertaTokenizer(TokenizerModel model, TokenizerSettings settings, TokenizerFiles files)
    {
        _model = model;
        _files = files;
        _segmenter = new UnigramSegmenter(model.Pieces, model.UnknownId, model.FallsBackToBytes);
        foreach (AddedToken token in new AddedVocabulary(model, settings, content => _segmenter.Find(content)).Tokens)
        {
            _addedByContent[token.Content] = token;
            _addedById[token.Id] = token;
        }
        foreach (int id in model.Single.Parts.Concat(model.Pair.Parts).SelectMany(part => part.SpecialIds).Where(id => (uint)id >= (uint)VocabSize && !_addedById.ContainsKey(id)))
            throw new TokenizerException($"the post_processor puts in the id {id}, which is not in the vocabulary of {VocabSize} pieces.");
        _encoder = new SequenceEncoder(model, _segmenter, _addedByContent.Values);
        ModelMaxLength = settings.ModelMaxLength;
        PaddingSide = settings.PaddingSide ?? model.PaddingSide ?? Side.Right;
        TruncationSide = settings.TruncationSide ?? model.TruncationSide ?? Side.Right;
        CleanUpTokenizationSpaces = settings.CleanUpTokenizationSpaces;
        BosTokenId = SpecialId("bos_token");
        EosTokenId = SpecialId("eos_token");
        SepTokenId = SpecialId("sep_token");
        ClsTokenId = SpecialId("cls_token");
        UnkTokenId = SpecialId("unk_token");
        PadTokenId = SpecialId("pad_token");
        MaskTokenId = settings.Roles.TryGetValue("mask_token", out NamedToken? mask) ? FindId(mask.Content) : null;
        if (model.PadToken is { } pad && pad != settings.Roles["pad_token"].Content)
            throw new TokenizerException($"its padding section pads with '{pad}'; expected the pad_token '{settings.Roles["pad_token"].Content}'.");

        int SpecialId(string role) => FindId(settings.Roles[role].Content) ?? throw new TokenizerException(
            $"the {role} '{settings.Roles[role].Content}' is not in the vocabulary of {VocabSize} pieces.");
    }

    /// <summary>The names of what the model takes: <c>input_ids</c> and <c>attention_mask</c>.</summary>
    public static IReadOnlyList<string> ModelInputNames { get; } = ["input_ids", "attention_mask"];

    /// <summary>How many pieces the model has, special tokens included and later added ones not (<c>vocab_size</c>).</summary>
    public int VocabSize => _model.Pieces.Count;

    /// <summary>How many tokens there are, added ones included (<c>len(tokenizer)</c>).</summary>
    public int TotalVocabSize => VocabSize + _addedById.Keys.Count(id => id >= VocabSize);

    /// <summary>
    /// The most tokens the model takes, special tokens included; null for no limit (<c>model_max_length</c>). 512 where no settings
    /// file says otherwise.
    /// </summary>
    public int? ModelMaxLength { get; }

    /// <summary>Where padding goes unless <see cref="TokenizerOptions.PaddingSide"/> says otherwise.</summary>
    public Side PaddingSide { get; }

    /// <summary>Where is cut unless <see cref="TokenizerOptions.TruncationSide"/> says otherwise.</summary>
    public Side TruncationSide { get; }

    /// <summary>Whether decoding removes the spaces before English punctuation and contractions when it is not told.</summary>
    public bool CleanUpTokenizationSpaces { get; }

    /// <summary>The id of the token that begins a sequence, <c>&lt;s&gt;</c>.</summary>
    public int BosTokenId { get; }

    /// <summary>The id of the token that ends a sequence, <c>&lt;/s&gt;</c>.</summary>
    public int EosTokenId { get; }

    /// <summary>The id of the token between the sequences of a pair, <c>&lt;/s&gt;</c>.</summary>
    public int SepTokenId { get; }

    /// <summary>The id of the token whose state stands for the sequence, <c>&lt;s&gt;</c>.</summary>
    public int ClsTokenId { get; }

    /// <summary>The id of what the model does not know, <c>&lt;unk&gt;</c>.</summary>
    public int UnkTokenId { get; }

    /// <summary>The id of padding, <c>&lt;pad&gt;</c>.</summary>
    public int PadTokenId { get; }

    /// <summary>The id of <c>&lt;mask&gt;</c>, null where the vocabulary has none.</summary>
    public int? MaskTokenId { get; }

    /// <summary>Encodes one text: a batch of one row.</summary>
    /// <param name="text">The text, of any length; an empty one gives the special tokens alone.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <exception cref="ArgumentException">The options are out of range, at odds with each other or with the text.</exception>
    public BatchEncoding Encode(string text, TokenizerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Encode(new[] { text }, options);
    }

    /// <summary>Encodes a pair of texts: a batch of one row, <c>&lt;s&gt; text &lt;/s&gt;&lt;/s&gt; textPair &lt;/s&gt;</c>.</summary>
    /// <param name="text">The first text.</param>
    /// <param name="textPair">The second text.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <exception cref="ArgumentException">The options are out of range, at odds with each other or with the texts.</exception>
    public BatchEncoding EncodePair(string text, string textPair, TokenizerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(textPair);
        return EncodePairs(new[] { text }, new[] { textPair }, options);
    }

    /// <summary>Encodes texts, on all cores where there is enough to do.</summary>
    /// <param name="texts">The texts, one a row; none give an encoding without rows.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellationToken">Stops between texts.</param>
    /// <exception cref="ArgumentException">
    /// A text is null; or the options are out of range, at odds with each other or with a text.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public BatchEncoding Encode(IReadOnlyList<string> texts, TokenizerOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= DefaultOptions;
        long units = CountUnits(texts, nameof(texts));
        return new BatchEncoder(this, _model.Single, options)
            .Encode(texts.Count, units, Source(texts, options), null, cancellationToken);
    }

    /// <summary>Encodes pairs of texts, on all cores where there is enough to do.</summary>
    /// <param name="texts">The first texts.</param>
    /// <param name="textPairs">The second texts, as many.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellationToken">Stops between pairs.</param>
    /// <exception cref="ArgumentException">
    /// A text is null; there are more of one than of the other; or the options are out of range, at odds with each other or with a pair.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public BatchEncoding EncodePairs(
        IReadOnlyList<string> texts, IReadOnlyList<string> textPairs, TokenizerOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= DefaultOptions;
        long units = CountUnits(texts, nameof(texts)) + CountUnits(textPairs, nameof(textPairs));
        CheckPaired(texts.Count, textPairs.Count, nameof(textPairs));
        return new BatchEncoder(this, _model.Pair, options)
            .Encode(texts.Count, units, Source(texts, options), Source(textPairs, options), cancellationToken);
    }

    /// <summary>
    /// Encodes texts that come split into words (<c>is_split_into_words</c>). Each word is encoded as a text of its own; offsets are
    /// into the word.
    /// </summary>
    /// <param name="texts">The words of each text.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellationToken">Stops between texts.</param>
    /// <exception cref="ArgumentException">
    /// A text or word is null; or the options are out of range, at odds with each other or with a text.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public BatchEncoding EncodeWords(
        IReadOnlyList<IReadOnlyList<string>> texts, TokenizerOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= DefaultOptions;
        long units = CountWordUnits(texts, nameof(texts));
        return new BatchEncoder(this, _model.Single, options)
            .Encode(texts.Count, units, WordSource(texts, options), null, cancellationToken);
    }

    /// <summary>Encodes pairs of texts that come split into words (<c>is_split_into_words</c>).</summary>
    /// <param name="texts">The words of each first text.</param>
    /// <param name="textPairs">The words of each second text, as many.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellationToken">Stops between pairs.</param>
    /// <exception cref="ArgumentException">
    /// A text or word is null; there are more of one than of the other; or the options are out of range, at odds with each other or
    /// with a pair.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public BatchEncoding EncodeWordPairs(
        IReadOnlyList<IReadOnlyList<string>> texts, IReadOnlyList<IReadOnlyList<string>> textPairs, TokenizerOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        options ??= DefaultOptions;
        long units = CountWordUnits(texts, nameof(texts)) + CountWordUnits(textPairs, nameof(textPairs));
        CheckPaired(texts.Count, textPairs.Count, nameof(textPairs));
        return new BatchEncoder(this, _model.Pair, options)
            .Encode(texts.Count, units, WordSource(texts, options), WordSource(textPairs, options), cancellationToken);
    }

    private SequenceSource Source(IReadOnlyList<string> texts, TokenizerOptions options) =>
        (index, buffers, tokens) => EncodeSequence(texts[index], options.OffsetUnit, buffers, tokens);

    private SequenceSource WordSource(IReadOnlyList<IReadOnlyList<string>> texts, TokenizerOptions options) =>
        (index, buffers, tokens) =>
        {
            foreach (string word in texts[index])
                EncodeSequence(word, options.OffsetUnit, buffers, tokens);
        };

    private void EncodeSequence(string text, OffsetUnit unit, EncodingBuffers buffers, TokenList tokens)
    {
        int first = tokens.Count;
        _encoder.Encode(text, buffers, tokens);
        if (tokens.TracksOffsets && unit == OffsetUnit.CodePoint && Utf16.CodePointIndices(text) is { } codePoints)
        {
            for (int i = first; i < tokens.Count; i++)
            {
                (int start, int end) = tokens.Offset(i);
                tokens.SetOffset(i, codePoints[start], codePoints[end]);
            }
        }
    }

    private static long CountUnits(IReadOnlyList<string> texts, string name)
    {
        ArgumentNullException.ThrowIfNull(texts, name);
        long units = 0;
        for (int i = 0; i < texts.Count; i++)
            units += texts[i]?.Length ?? throw new ArgumentException($"Text {i} is null; expected a string.", name);
        return units;
    }

    private static long CountWordUnits(IReadOnlyList<IReadOnlyList<string>> texts, string name)
    {
        ArgumentNullException.ThrowIfNull(texts, name);
        long units = 0;
        for (int i = 0; i < texts.Count; i++)
        {
            foreach (string word in texts[i] ?? throw new ArgumentException($"Text {i} is null; expected its words.", name))
                units += word?.Length ?? throw new ArgumentException($"Text {i} has a word that is null; expected a string.", name);
        }
        return units;
    }

    private static void CheckPaired(int texts, int textPairs, string name)
    {
        if (texts != textPairs)
            throw new ArgumentException($"Expected as many second texts as first ones, {texts}; found {textPairs}.", name);
    }
}
