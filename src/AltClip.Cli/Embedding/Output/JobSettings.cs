namespace AltClip.Cli;

/// <summary>What all shares of a job must agree on, as <c>job.json</c> keeps it.</summary>
/// <param name="Inputs">Full paths of folders and files, in the order of the command line.</param>
/// <param name="Reading">How they are read.</param>
/// <param name="Shards">How many shares there are.</param>
/// <param name="PartSize">How many inputs a part has, but for a share's last.</param>
/// <param name="Format">The form of the embeddings.</param>
/// <param name="Precision">The precision of the products.</param>
/// <param name="Model">Which model, see <see cref="ModelFingerprint"/>.</param>
/// <param name="Ids">The form of ids; null for the one that the job has or needs, see <see cref="InputIds.Choose"/>.</param>
internal sealed record JobSettings(
    IReadOnlyList<string> Inputs, InputOptions Reading, int Shards, int PartSize, EmbeddingFormat Format, InferencePrecision Precision, string Model,
    IdForm? Ids = null)
{
    /// <summary>Says what no job has, of a file that was damaged or written by something else; null if nothing.</summary>
    public string? Problem() =>
        Inputs.Count == 0 || Inputs.Any(string.IsNullOrEmpty) ? "inputs are none, or without a name"
        : Shards is < 1 or > Shard.Most ? $"shards are {Shards}; expected 1 to {Shard.Most}"
        : PartSize < 1 ? $"part_size is {PartSize}; expected 1 or more"
        : null;

    /// <summary>Says in what another worker's settings differ; null if in nothing.</summary>
    public string? Difference(JobSettings other) =>
        (Inputs.Select(Path.TrimEndingDirectorySeparator).SequenceEqual(other.Inputs.Select(Path.TrimEndingDirectorySeparator)) ? null
            : $"inputs were {string.Join(", ", Inputs)}, now {string.Join(", ", other.Inputs)}")
        ?? Difference("--texts", Reading.Texts, other.Reading.Texts)
        ?? Difference("--root", Reading.Root, other.Reading.Root)
        ?? Difference("--column", Reading.Column, other.Reading.Column)
        ?? Difference("--id-column", Reading.IdColumn, other.Reading.IdColumn)
        ?? Difference("--delimiter", Reading.Delimiter, other.Reading.Delimiter)
        ?? Difference("--no-header", !Reading.HasHeader, !other.Reading.HasHeader)
        ?? Difference("--no-quotes", !Reading.Quoted, !other.Reading.Quoted)
        ?? Difference("the way inputs are read", Reading, other.Reading)
        ?? Difference("the number of shards", Shards, other.Shards)
        ?? Difference("the part size", PartSize, other.PartSize)
        ?? Difference("the format", Format, other.Format)
        ?? Difference("the precision", Precision, other.Precision)
        ?? Difference("the model's fingerprint", Model, other.Model)
        ?? (other.Ids is { } ids ? Difference("the form of ids", Ids ?? IdForm.Short, ids) : null);

    private static string? Difference<T>(string name, T before, T now) => Equals(before, now) ? null : $"{name} was {Typed(before)}, now {Typed(now)}";

    /// <summary>A value as it is typed.</summary>
    private static string Typed<T>(T value) => value switch
    {
        null => "not given",
        bool isGiven => isGiven ? "given" : "not given",
        Enum choice => choice.ToString().ToLowerInvariant(),
        _ => $"{value}",
    };
}
