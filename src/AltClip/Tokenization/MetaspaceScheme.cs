namespace AltClip.Tokenization;

/// <summary>Which words get the sign of a space in front (<c>prepend_scheme</c>).</summary>
internal enum MetaspaceScheme
{
    /// <summary>Each that does not begin with it.</summary>
    Always,

    /// <summary>Only one at the very beginning of the text.</summary>
    First,

    /// <summary>None.</summary>
    Never,
}
