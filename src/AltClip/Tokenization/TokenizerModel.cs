namespace AltClip.Tokenization;

/// <summary>What a tokenizer file says, whichever of the two formats it has.</summary>
internal sealed record TokenizerModel
{
    public required PieceTable Pieces { get; init; }

    public required int UnknownId { get; init; }

    public required TextNormalizer Normalizer { get; init; }

    /// <summary>Words are cut at whitespace, which goes, before they get their <c>▁</c>.</summary>
    public required bool SplitsOnWhitespace { get; init; }

    /// <summary>What is done to spaces; null where they stay.</summary>
    public required Metaspace? Metaspace { get; init; }

    /// <summary>A character that no piece has is written as the pieces of its bytes, <c>&lt;0xE4&gt;</c>, where the vocabulary has those.</summary>
    public bool FallsBackToBytes { get; init; }

    public required SequenceTemplate Single { get; init; }

    public required SequenceTemplate Pair { get; init; }

    /// <summary>How tokens become text.</summary>
    public required TokenDecoder Decoder { get; init; }

    /// <summary>The added tokens in the order in which those get ids that are not pieces.</summary>
    public required IReadOnlyList<AddedToken> AddedTokens { get; init; }

    /// <summary>The file says the flags of its added tokens; a SentencePiece model leaves them to the settings.</summary>
    public bool HasFinalFlags { get; init; }

    /// <summary>Where padding goes unless the settings say; null where the file doesn't say either.</summary>
    public Side? PaddingSide { get; init; }

    /// <summary>Where is cut unless the settings say; null where the file doesn't say either.</summary>
    public Side? TruncationSide { get; init; }

    /// <summary>What the file would pad with; null where it doesn't say.</summary>
    public string? PadToken { get; init; }

    /// <summary>The compiled rules of a SentencePiece model, to be written again; null where it has none.</summary>
    public byte[]? CompiledCharsMap { get; init; }
}
