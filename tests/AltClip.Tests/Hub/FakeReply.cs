namespace AltClip.Tests.Hub;

/// <summary>What the server says, and how it misbehaves while saying it.</summary>
internal sealed record FakeReply(int Status, byte[] Body)
{
    public FakeReply(int status) : this(status, [])
    {
    }

    public Dictionary<string, string> Headers { get; init; } = [];

    /// <summary>After how many bytes of the body the connection breaks.</summary>
    public int? BreakAfter { get; init; }

    /// <summary>After how many bytes of the body nothing more comes.</summary>
    public int? StallAfter { get; init; }

    /// <summary>Whether after <see cref="StallAfter"/> a byte a second comes still.</summary>
    public bool Drips { get; init; }

    /// <summary>The Content-Length, if not the body's; -1 for none, the end of the connection then ends the body.</summary>
    public long? Length { get; init; }
}
