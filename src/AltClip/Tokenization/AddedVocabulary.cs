namespace AltClip.Tokenization;

/// <summary>
/// The added tokens with the ids that the tokenizers library and transformers give them: a piece of the model keeps its id, what is
/// new gets the next free one. So the order counts: the model file's, those with ids in the settings by their ids, then names.
/// </summary>
internal sealed class AddedVocabulary
{
    private readonly Dictionary<string, AddedToken> _tokens = [];
    private readonly Func<string, int?> _find;
    private int _nextId;

    /// <param name="model">What the model file says.</param>
    /// <param name="settings">What is laid over it.</param>
    /// <param name="find">The id of a piece, null where the model has none.</param>
    /// <exception cref="TokenizerException">The settings give a token another id than it gets.</exception>
    public AddedVocabulary(TokenizerModel model, TokenizerSettings settings, Func<string, int?> find)
    {
        _find = find;
        _nextId = model.Pieces.Count;
        foreach (AddedToken token in model.AddedTokens)
            Add(token);
        foreach (AddedToken token in settings.AddedTokens.OrderBy(t => t.Id))
            AddWithId(token, settings.AddedTokensFile);
        HashSet<string> final = [.. settings.AddedTokens.Concat(model.HasFinalFlags ? model.AddedTokens : []).Select(t => t.Content)];
        foreach (NamedToken role in settings.Roles.Values)
        {
            if (_tokens.ContainsKey(role.Content) ? role.HasFlags && !final.Contains(role.Content) : find(role.Content) is not null)
                Add(role.Token);
        }
        foreach (NamedToken name in settings.NamedTokens.Where(n => !_tokens.ContainsKey(n.Content)))
            Add(name.Token);
    }

    public IReadOnlyCollection<AddedToken> Tokens => _tokens.Values;

    private AddedToken? Add(AddedToken token)
    {
        if (token.Content.Length == 0)
            return null;
        int id = _tokens.GetValueOrDefault(token.Content)?.Id ?? _find(token.Content) ?? _nextId++;
        return _tokens[token.Content] = token with { Id = id };
    }

    /// <summary>Versions of transformers differ in what they make of gaps and of ids that are taken, so neither is read.</summary>
    private void AddWithId(AddedToken token, string file)
    {
        if (Add(token) is { } added && added.Id != token.Id)
        {
            throw new TokenizerException(
                $"{file} gives the token '{token.Content}' the id {token.Id}; expected {added.Id}, which the vocabulary has for it or which comes next.");
        }
    }
}
