using System.Text.Json.Serialization;

namespace AltClip.Cli;

/// <summary>Whether each input of a job is in its results once.</summary>
internal sealed record VerifyReport
{
    /// <summary>How many inputs there are.</summary>
    public long Inputs { get; set; }

    /// <summary>How many of them have one embedding.</summary>
    public long Embedded { get; set; }

    /// <summary>How many of them failed, and say why.</summary>
    public long Failed { get; set; }

    /// <summary>How many are not there.</summary>
    public long Missing { get; set; }

    /// <summary>How many rows are there again.</summary>
    public long Twice { get; set; }

    /// <summary>How many rows are of no input, or are in a place where they don't belong.</summary>
    public long Unknown { get; set; }

    /// <summary>How many embeddings are of another length than the others, not finite, or not of length one together.</summary>
    public long Damaged { get; set; }

    /// <summary>How many rows have an id that a row before them has, of whichever share.</summary>
    public long EqualIds { get; set; }

    /// <summary>Shares and files with problems.</summary>
    public List<string> Problems { get; } = [];

    /// <summary>Whether nothing is lost, nothing is there twice and each id is one row's.</summary>
    [JsonInclude]
    public bool IsWhole => Missing + Twice + Unknown + Damaged + EqualIds == 0 && Problems.Count == 0;
}
