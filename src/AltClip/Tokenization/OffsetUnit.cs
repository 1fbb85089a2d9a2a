namespace AltClip.Tokenization;

/// <summary>What an offset into a text counts.</summary>
public enum OffsetUnit
{
    /// <summary>UTF-16 units: indices of a .NET string.</summary>
    Utf16,

    /// <summary>Unicode code points: indices of a Python string, what transformers gives.</summary>
    CodePoint,
}
