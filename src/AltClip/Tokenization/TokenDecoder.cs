namespace AltClip.Tokenization;

/// <summary>Turns tokens into text, in steps over the list of tokens.</summary>
/// <param name="Steps">The steps; without any, tokens are words.</param>
internal sealed record TokenDecoder(IReadOnlyList<DecoderStep> Steps)
{
    /// <summary>That of the published file.</summary>
    public static TokenDecoder Published { get; } = new([new DecoderStep.MetaspaceToSpace('▁', DropsFirst: true)]);

    /// <summary>Whether decoding drops the <c>▁</c> of the first token, if signs of spaces are all that is decoded; else null.</summary>
    public bool? DropsFirstMetaspace => Steps is [DecoderStep.MetaspaceToSpace { Sign: '▁' } only] ? only.DropsFirst : null;

    public string Decode(List<string> tokens)
    {
        if (Steps.Count == 0)
            return string.Join(' ', tokens);
        foreach (DecoderStep step in Steps)
            tokens = step.Apply(tokens);
        return string.Concat(tokens);
    }
}
