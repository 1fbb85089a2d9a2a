namespace AltClip.Search;

/// <summary>There is no store where one was to be read.</summary>
/// <param name="message">Where it was looked for.</param>
public sealed class ImageStoreNotFoundException(string message) : ImageStoreException(message);
