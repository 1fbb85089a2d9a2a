namespace AltClip.Tokenization;

/// <summary>A part of a text, in UTF-16 units, and what comes in its place.</summary>
internal readonly record struct TextEdit(int Start, int Length, string Replacement);
