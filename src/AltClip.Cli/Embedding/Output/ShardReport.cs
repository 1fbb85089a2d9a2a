namespace AltClip.Cli;

/// <summary>What a share has, as its <c>complete.json</c> keeps it.</summary>
/// <param name="Fingerprint">The inputs, see <see cref="ShardPlan.Fingerprint"/>.</param>
/// <param name="Inputs">How many inputs.</param>
/// <param name="Embedded">How many embeddings.</param>
/// <param name="Failed">How many inputs that have none.</param>
/// <param name="Parts">How many parts.</param>
internal sealed record ShardReport(string Fingerprint, long Inputs, long Embedded, long Failed, int Parts);
