namespace AltClip;

/// <summary>What a tokenizer file says, whichever of the two formats it has.</summary>
internal sealed record TokenizerModel
{
    public required PieceTable Pieces { get; init; }

    public required int UnknownId { get; init; }

    public required TextNormalizer Normalizer { get; init; }

    /// <summary>Words are cut at whitespace, which goes, before they get their <c>▁</c>.</summary>
    public required bool SplitsOnWhitespace { get; init; }

    /// <summary>Each word (or, uncut, each text) that does not start with <c>▁</c> gets one.</summary>
    public required bool PrependsMetaspace { get; init; }

    public required SequenceTemplate Single { get; init; }

    public required SequenceTemplate Pair { get; init; }

    /// <summary>Decoding drops the <c>▁</c> of the first token.</summary>
    public required bool DecodesWithoutFirstMetaspace { get; init; }

    public required IReadOnlyList<AddedToken> AddedTokens { get; init; }
}
