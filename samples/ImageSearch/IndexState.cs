namespace ImageSearch;

/// <summary>How far indexing is.</summary>
internal sealed record IndexState(bool IsIndexing, int Done, int Total, int Failed, string? Error);
