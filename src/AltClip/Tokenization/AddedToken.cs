namespace AltClip.Tokenization;

/// <summary>A token that is recognised as written in the text, before the model sees it.</summary>
/// <param name="Content">The text of the token.</param>
/// <param name="Id">Its id.</param>
/// <param name="SingleWord">It counts only where no letter, mark, digit or connector touches it.</param>
/// <param name="LStrip">It takes the whitespace before it.</param>
/// <param name="RStrip">It takes the whitespace after it.</param>
/// <param name="Normalized">It is looked for in the normalised text.</param>
/// <param name="Special">It is left out when decoding without special tokens.</param>
internal sealed record AddedToken(
    string Content, int Id, bool SingleWord = false, bool LStrip = false, bool RStrip = false, bool Normalized = false, bool Special = true);
