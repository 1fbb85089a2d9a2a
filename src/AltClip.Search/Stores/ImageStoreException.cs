namespace AltClip.Search;

/// <summary>A store, or a file that pictures are taken from, is not as it has to be. The message names it.</summary>
/// <param name="message">The store, what was found and what was expected.</param>
/// <param name="innerException">What led to it.</param>
public class ImageStoreException(string message, Exception? innerException = null) : AltClipException(message, innerException);
