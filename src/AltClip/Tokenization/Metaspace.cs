namespace AltClip.Tokenization;

/// <summary>How spaces become a sign that pieces can have, and words get it in front.</summary>
/// <param name="Sign">The sign, usually <c>▁</c>.</param>
/// <param name="Scheme">Which words get it.</param>
/// <param name="Splits">Whether each sign begins a word of its own.</param>
internal sealed record Metaspace(char Sign, MetaspaceScheme Scheme, bool Splits = true)
{
    /// <summary>That of the published file.</summary>
    public static Metaspace Published { get; } = new('▁', MetaspaceScheme.Always);
}
