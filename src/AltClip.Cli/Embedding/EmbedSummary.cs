namespace AltClip.Cli;

/// <summary>What a worker did, for <c>--json</c>.</summary>
/// <param name="Shard">Its share, <c>i/n</c>.</param>
/// <param name="Inputs">How many inputs the share has.</param>
/// <param name="Embedded">How many have embeddings.</param>
/// <param name="Failed">How many have none.</param>
/// <param name="FromBefore">How many of both an earlier run had done.</param>
/// <param name="Seconds">How long this run took, from the first input on.</param>
/// <param name="PerSecond">Inputs a second in this run.</param>
/// <param name="StageSeconds">Where the time went; null if there was nothing to do.</param>
internal sealed record EmbedSummary(
    string Shard, long Inputs, long Embedded, long Failed, long FromBefore, double Seconds, double PerSecond, StageTimes? StageSeconds);
