namespace AltClip;

/// <summary>How sequences that exceed <see cref="TokenizerOptions.MaxLength"/> are cut.</summary>
public enum TruncationStrategy
{
    /// <summary>They are not (<c>False</c>, <c>"do_not_truncate"</c>).</summary>
    None,

    /// <summary>The longer of a pair until both are of one length, then both (<c>True</c>, <c>"longest_first"</c>).</summary>
    LongestFirst,

    /// <summary>The first of a pair (<c>"only_first"</c>).</summary>
    OnlyFirst,

    /// <summary>The second of a pair (<c>"only_second"</c>).</summary>
    OnlySecond,
}
