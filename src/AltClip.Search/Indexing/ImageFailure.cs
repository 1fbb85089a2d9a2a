namespace AltClip.Search;

/// <summary>
/// A picture that could not be read, which is not in the store, or a folder that could not be listed, of which the store has what it had. The next run
/// tries again.
/// </summary>
/// <param name="Id">What it would be called in the store.</param>
/// <param name="Error">Why it could not be read.</param>
public sealed record ImageFailure(string Id, Exception Error);
