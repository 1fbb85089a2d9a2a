namespace AltClip.Cli;

/// <summary>What a worker is to do.</summary>
/// <param name="Settings">What it has in common with all workers of the job.</param>
/// <param name="Shard">Its share.</param>
/// <param name="Output">The folder of the job's results.</param>
/// <param name="BatchSize">How many inputs are computed at once.</param>
internal sealed record EmbedRequest(JobSettings Settings, Shard Shard, string Output, int BatchSize);
