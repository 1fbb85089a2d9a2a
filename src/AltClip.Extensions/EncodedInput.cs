namespace AltClip.Extensions;

/// <summary>An embedded text or picture.</summary>
/// <param name="Vector">projection_dim numbers of length one.</param>
/// <param name="Tokens">How many tokens the text had; 0 for a picture.</param>
internal readonly record struct EncodedInput(ReadOnlyMemory<float> Vector, int Tokens);
