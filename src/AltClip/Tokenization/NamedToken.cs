namespace AltClip.Tokenization;

/// <summary>A special token that a settings file names; its id is for the vocabulary to give.</summary>
/// <param name="Token">The token, with the usual flags where the file gives none.</param>
/// <param name="HasFlags">The file writes it as an object with flags, not as its text.</param>
internal sealed record NamedToken(AddedToken Token, bool HasFlags)
{
    /// <summary>What stands in the place of an id that is not given yet.</summary>
    public const int NoId = -1;

    public string Content => Token.Content;
}
