namespace AltClip.Tokenization;

/// <summary>An end of a sequence.</summary>
public enum Side
{
    /// <summary>The end.</summary>
    Right,

    /// <summary>The start.</summary>
    Left,
}
