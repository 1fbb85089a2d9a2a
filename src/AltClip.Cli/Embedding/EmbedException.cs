namespace AltClip.Cli;

/// <summary>An input or a result of <c>altclip embed</c> is not as it has to be; the message names the file.</summary>
internal sealed class EmbedException(string message, Exception? innerException = null) : AltClipException(message, innerException);
