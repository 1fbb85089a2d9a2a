namespace AltClip.Search;

/// <summary>A picture that could not be read. It is not in the store, and is tried again by the next run.</summary>
/// <param name="Id">What it would be called in the store.</param>
/// <param name="Error">Why it could not be read.</param>
public sealed record ImageFailure(string Id, Exception Error);
