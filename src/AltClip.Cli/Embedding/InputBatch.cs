namespace AltClip.Cli;

/// <summary>Inputs that are computed together. All are of one part.</summary>
/// <param name="Part">The part's place in the share.</param>
/// <param name="EndsPart">Whether they are the part's last.</param>
/// <param name="Inputs">The inputs.</param>
internal sealed record InputBatch(int Part, bool EndsPart, IReadOnlyList<EmbedInput> Inputs);
