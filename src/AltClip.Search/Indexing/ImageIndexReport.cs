namespace AltClip.Search;

/// <summary>What <see cref="ImageIndexer"/> did.</summary>
/// <param name="Added">How many pictures are new in the store.</param>
/// <param name="Updated">How many pictures had changed and were embedded again.</param>
/// <param name="Unchanged">How many pictures were in the store as they are.</param>
/// <param name="Removed">How many pictures were taken out of the store because their files are gone.</param>
/// <param name="Failures">The pictures that could not be read, and then the folders that could not be listed.</param>
public sealed record ImageIndexReport(int Added, int Updated, int Unchanged, int Removed, IReadOnlyList<ImageFailure> Failures);
