namespace AltClip.Search;

/// <summary>How far <see cref="ImageIndexer"/> is. It is told after each picture.</summary>
/// <param name="Done">How many pictures are embedded, or could not be read.</param>
/// <param name="Total">How many pictures are new or changed.</param>
/// <param name="Failure">Why this picture could not be read, or null.</param>
public sealed record ImageIndexProgress(int Done, int Total, ImageFailure? Failure);
