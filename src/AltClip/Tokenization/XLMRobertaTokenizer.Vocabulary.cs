using System.Text;
using AltClip.Tokenization;

namespace AltClip;

public sealed partial class XLMRobertaTokenizer
{
    /// <summary>
    /// Turns ids into text. The <c>▁</c> of pieces become spaces, but for the first token's, which go; special tokens are written as
    /// they are.
    /// </summary>
    /// <param name="ids">The ids.</param>
    /// <param name="skipSpecialTokens">Leaves special tokens out.</param>
    /// <param name="cleanUpTokenizationSpaces">
    /// Removes the spaces before English punctuation and contractions; null for <see cref="CleanUpTokenizationSpaces"/>.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">An id is not in the vocabulary.</exception>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = false, bool? cleanUpTokenizationSpaces = null)
    {
        var text = new StringBuilder();
        bool? dropsFirst = _model.Decoder.DropsFirstMetaspace;
        List<string> tokens = [];
        bool first = true;
        foreach (int id in ids)
        {
            AddedToken? added = _addedById.GetValueOrDefault(id);
            if (added is null)
                CheckId(id, nameof(ids));
            else if (skipSpecialTokens && added.Special)
                continue;
            if (dropsFirst is { } drops)
                AppendDecoded(text, added is null ? _model.Pieces[id] : added.Content, first && drops);
            else
                tokens.Add(added is null ? _model.Pieces[id].ToString() : added.Content);
            first = false;
        }
        if (dropsFirst is null)
            text.Append(_model.Decoder.Decode(tokens));
        if (cleanUpTokenizationSpaces ?? CleanUpTokenizationSpaces)
            CleanUp(text);
        return text.ToString();
    }

    /// <summary>Turns int64 ids, a row of a tensor, into text; see <see cref="Decode(ReadOnlySpan{int}, bool, bool?)"/>.</summary>
    /// <param name="ids">The ids.</param>
    /// <param name="skipSpecialTokens">Leaves special tokens out.</param>
    /// <param name="cleanUpTokenizationSpaces">Removes the spaces before English punctuation; null for the tokenizer's setting.</param>
    /// <exception cref="ArgumentOutOfRangeException">An id is not in the vocabulary.</exception>
    public string Decode(ReadOnlySpan<long> ids, bool skipSpecialTokens = false, bool? cleanUpTokenizationSpaces = null)
    {
        var narrow = new int[ids.Length];
        for (int i = 0; i < ids.Length; i++)
            narrow[i] = ids[i] is >= 0 and <= int.MaxValue ? (int)ids[i] : throw UnknownId(ids[i], nameof(ids));
        return Decode(narrow, skipSpecialTokens, cleanUpTokenizationSpaces);
    }

    /// <summary>Turns each row of ids into text (<c>batch_decode</c>).</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="skipSpecialTokens">Leaves special tokens out.</param>
    /// <param name="cleanUpTokenizationSpaces">Removes the spaces before English punctuation; null for the tokenizer's setting.</param>
    /// <exception cref="ArgumentException">A row is null, or an id is not in the vocabulary.</exception>
    public string[] BatchDecode(IReadOnlyList<int[]> rows, bool skipSpecialTokens = false, bool? cleanUpTokenizationSpaces = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var texts = new string[rows.Count];
        for (int i = 0; i < texts.Length; i++)
        {
            int[] row = rows[i] ?? throw new ArgumentException($"Row {i} is null; expected ids.", nameof(rows));
            texts[i] = Decode(row, skipSpecialTokens, cleanUpTokenizationSpaces);
        }
        return texts;
    }

    /// <summary>The token of an id (<c>convert_ids_to_tokens</c>).</summary>
    /// <param name="id">The id.</param>
    /// <exception cref="ArgumentOutOfRangeException">The id is not in the vocabulary.</exception>
    public string ConvertIdToToken(int id)
    {
        if (_addedById.TryGetValue(id, out AddedToken? added))
            return added.Content;
        CheckId(id, nameof(id));
        return _model.Pieces[id].ToString();
    }

    /// <summary>The tokens of ids (<c>convert_ids_to_tokens</c>).</summary>
    /// <param name="ids">The ids.</param>
    /// <exception cref="ArgumentOutOfRangeException">An id is not in the vocabulary.</exception>
    public string[] ConvertIdsToTokens(ReadOnlySpan<int> ids)
    {
        var tokens = new string[ids.Length];
        for (int i = 0; i < tokens.Length; i++)
            tokens[i] = ConvertIdToToken(ids[i]);
        return tokens;
    }

    /// <summary>The id of a token, <see cref="UnkTokenId"/> where the vocabulary lacks it (<c>convert_tokens_to_ids</c>).</summary>
    /// <param name="token">The token as the vocabulary writes it, with <c>▁</c> for a space.</param>
    public int ConvertTokenToId(string token)
    {
        ArgumentNullException.ThrowIfNull(token);
        return FindId(token) ?? UnkTokenId;
    }

    /// <summary>The ids of tokens, <see cref="UnkTokenId"/> for those that the vocabulary lacks (<c>convert_tokens_to_ids</c>).</summary>
    /// <param name="tokens">The tokens as the vocabulary writes them.</param>
    /// <exception cref="ArgumentNullException">The list or a token is null.</exception>
    public int[] ConvertTokensToIds(IReadOnlyList<string> tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        var ids = new int[tokens.Count];
        for (int i = 0; i < ids.Length; i++)
            ids[i] = ConvertTokenToId(tokens[i]);
        return ids;
    }

    private static void AppendDecoded(StringBuilder text, ReadOnlySpan<char> token, bool withoutMetaspace)
    {
        while (token.IndexOf('▁') is >= 0 and int at)
        {
            text.Append(token[..at]);
            if (!withoutMetaspace)
                text.Append(' ');
            token = token[(at + 1)..];
        }
        text.Append(token);
    }

    private static void CleanUp(StringBuilder text)
    {
        foreach (string spaced in (ReadOnlySpan<string>)[" .", " ?", " !", " ,"])
            text.Replace(spaced, spaced[1..]);
        text.Replace(" ' ", "'");
        foreach (string spaced in (ReadOnlySpan<string>)[" n't", " 'm", " 's", " 've", " 're"])
            text.Replace(spaced, spaced[1..]);
    }

    private int? FindId(string token) => _addedByContent.TryGetValue(token, out AddedToken? added) ? added.Id : _segmenter.Find(token);

    private void CheckId(int id, string name)
    {
        if ((uint)id >= (uint)VocabSize)
            throw UnknownId(id, name);
    }

    private ArgumentOutOfRangeException UnknownId(long id, string name) =>
        new(name, id, $"The id {id} is not in the vocabulary; expected 0 to {TotalVocabSize - 1}.");
}
