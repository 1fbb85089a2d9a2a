namespace AltClip;

/// <summary>A picture can't be read: it is none, of another format, corrupt, truncated or too large. The message names it.</summary>
/// <remarks>A file that does not exist is a <see cref="FileNotFoundException"/> instead.</remarks>
public sealed class ImageException(string message, Exception? innerException = null) : AltClipException(message, innerException);
