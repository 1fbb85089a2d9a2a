namespace AltClip.Cli;

/// <summary>What a part has, as its <c>part.json</c> keeps it.</summary>
/// <param name="Fingerprint">The inputs that the share had, see <see cref="ShardPlan.Fingerprint"/>.</param>
/// <param name="Embedded">How many embeddings.</param>
/// <param name="Failed">How many inputs that have none.</param>
internal sealed record PartReport(string Fingerprint, int Embedded, int Failed);
