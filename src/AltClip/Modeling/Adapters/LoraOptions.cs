namespace AltClip.Modeling.Adapters;

/// <summary>How a <see cref="LoraAdapter"/> is made.</summary>
public sealed record LoraOptions
{
    /// <summary>
    /// Names of linear layers, where <c>*</c> stands for any characters; each must fit one at least. At first the queries and values of both
    /// encoders, as in the paper (arXiv 2106.09685, section 7.1).
    /// </summary>
    public IReadOnlyList<string> Targets { get; init; } = ["*.query", "*.value", "*.q_proj", "*.v_proj"];

    /// <summary>The rank of what is added to a weight matrix. A loaded adapter's layers may have others.</summary>
    public int Rank { get; init; } = 8;

    /// <summary>What is added is multiplied by this over <see cref="Rank"/>. A loaded adapter's layers may have others.</summary>
    public double Alpha { get; init; } = 16;

    /// <summary>The part of a layer's inputs that the adapter leaves out while training: at least 0, below 1.</summary>
    public double Dropout { get; init; }

    /// <summary>Whether <see cref="Alpha"/> is divided by the root of <see cref="Rank"/> in place of it (rsLoRA, arXiv 2312.03732).</summary>
    public bool UseRslora { get; init; }

    /// <summary>Whether the lengths of a weight matrix's rows are learned apart from their directions (DoRA, arXiv 2402.09353).</summary>
    public bool UseDora { get; init; }

    /// <exception cref="ArgumentException">A value is out of range.</exception>
    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Targets);
        ArgumentOutOfRangeException.ThrowIfZero(Targets.Count, nameof(Targets));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Rank);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Alpha);
        ArgumentOutOfRangeException.ThrowIfNegative(Dropout);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(Dropout, 1);
    }
}
