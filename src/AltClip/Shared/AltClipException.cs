namespace AltClip;

/// <summary>
/// What all exceptions of AltClip derive from: a file, a server's answer or a training run is not as it has to be. The message names the file,
/// what was found and what was expected. Wrong arguments are <see cref="ArgumentException"/>s, missing files
/// <see cref="FileNotFoundException"/>s, as everywhere in .NET.
/// </summary>
public abstract class AltClipException : Exception
{
    /// <summary>An exception with a message for people.</summary>
    protected AltClipException(string message, Exception? innerException = null) : base(message, innerException)
    {
    }
}
