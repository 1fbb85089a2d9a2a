namespace AltClip.Search;

/// <summary>How a folder differs from what a store has of it.</summary>
/// <param name="Added">How many pictures are not in the store.</param>
/// <param name="Updated">How many pictures have changed since they were embedded.</param>
/// <param name="Unchanged">How many pictures are in the store as they are.</param>
/// <param name="Removed">How many pictures of the store are gone from the folder.</param>
public sealed record ImageIndexChanges(int Added, int Updated, int Unchanged, int Removed)
{
    /// <summary>The folders that could not be listed; what the store has of them counts neither as there nor as gone.</summary>
    public IReadOnlyList<ImageFailure> Failures { get; init; } = [];

    /// <summary>Whether there is something to do.</summary>
    public bool Any => Added + Updated + Removed > 0;
}
