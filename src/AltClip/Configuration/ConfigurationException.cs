namespace AltClip;

/// <summary>A configuration has a value that no model can be built from; the message names the key, the value found and what was expected.</summary>
public sealed class ConfigurationException(string message, Exception? innerException = null) : AltClipException(message, innerException);
