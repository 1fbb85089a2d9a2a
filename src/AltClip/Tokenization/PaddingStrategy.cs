namespace AltClip;

/// <summary>How the rows of a batch are brought to one length.</summary>
public enum PaddingStrategy
{
    /// <summary>They are not (<c>False</c>, <c>"do_not_pad"</c>).</summary>
    None,

    /// <summary>To the longest of the batch (<c>True</c>, <c>"longest"</c>).</summary>
    Longest,

    /// <summary>To <see cref="TokenizerOptions.MaxLength"/> (<c>"max_length"</c>).</summary>
    MaxLength,
}
