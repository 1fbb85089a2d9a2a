namespace AltClip.Tokenization;

/// <summary>Finds the longest of many tokens at a place in a text, in a time that does not grow with how many there are.</summary>
internal sealed class AddedTokenTrie
{
    // A text costs at most its length times this; a token that somebody adds is a word or a few.
    private const int MostCharacters = 1000;

    private readonly Dictionary<(int Node, char Unit), int> _next = [];
    private readonly Dictionary<int, AddedToken> _tokens = [];

    /// <summary>Adds a token unless there is one of that text.</summary>
    /// <exception cref="TokenizerException">The text is longer than tokens are.</exception>
    public void Add(string content, AddedToken token)
    {
        if (content.Length > MostCharacters)
            throw new TokenizerException($"the content of an added token has {content.Length} characters; expected at most {MostCharacters}.");
        int node = 0;
        foreach (char unit in content)
        {
            if (!_next.TryGetValue((node, unit), out int child))
                _next.Add((node, unit), child = _next.Count + 1);
            node = child;
        }
        _tokens.TryAdd(node, token);
    }

    /// <summary>The longest token that the text begins with, and its length there; null where there is none.</summary>
    public (int Length, AddedToken Token)? LongestAt(ReadOnlySpan<char> text)
    {
        (int, AddedToken)? longest = null;
        for (int node = 0, length = 0; length < text.Length && _next.TryGetValue((node, text[length]), out node);)
        {
            if (_tokens.TryGetValue(node, out AddedToken? token))
                longest = (length + 1, token);
            length++;
        }
        return longest;
    }
}
