namespace AltClip;

/// <summary>A tokenizer's file is malformed, or asks for what would not give the same ids here. The message names file, place and reason.</summary>
public sealed class TokenizerException(string message, Exception? innerException = null) : AltClipException(message, innerException);
