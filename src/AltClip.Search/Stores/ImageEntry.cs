using System.Collections.ObjectModel;

namespace AltClip.Search;

/// <summary>A picture in a store.</summary>
public sealed record ImageEntry
{
    /// <summary>What the picture is called; a store has it once. The indexer gives the file's path, with <c>/</c> between folders.</summary>
    public required string Id { get; init; }

    /// <summary>
    /// The picture's embedding: finite numbers, not all zero, of any length. Empty in results that were asked for without embeddings.
    /// </summary>
    public ReadOnlyMemory<float> Embedding { get; init; }

    /// <summary>The size of the picture's file in bytes.</summary>
    public long Size { get; init; }

    /// <summary>When the picture's file was last written, in UTC. Stores keep microseconds; what is finer is cut off here.</summary>
    public DateTimeOffset Modified
    {
        get;
        init => field = value.ToUniversalTime().AddTicks(-(value.Ticks % TimeSpan.TicksPerMicrosecond));
    }

    /// <summary>Whatever else the caller wants to find again: names with texts.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = ReadOnlyDictionary<string, string>.Empty;
}
