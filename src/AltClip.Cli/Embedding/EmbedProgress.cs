namespace AltClip.Cli;

/// <summary>How far a worker is.</summary>
/// <param name="Done">Inputs that are done, those of earlier runs too.</param>
/// <param name="Failed">Those of them that have no embedding.</param>
/// <param name="Parts">Parts that are there.</param>
internal readonly record struct EmbedProgress(long Done, long Failed, int Parts);
