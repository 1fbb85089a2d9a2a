namespace AltClip.Hub;

/// <summary>Files of which one or another is wanted.</summary>
/// <param name="IsRequired">Whether a model without any of them can't be used.</param>
/// <param name="Alternatives">Sets of files that belong together; the first that is there in full counts.</param>
internal sealed record HubFileGroup(bool IsRequired, params string[][] Alternatives)
{
    /// <summary>Files that may be there or not.</summary>
    public static HubFileGroup Optional(string file) => new(false, [file]);

    /// <summary>The same files in a folder of the model.</summary>
    public HubFileGroup In(string folder) => new(IsRequired, [.. Alternatives.Select(files => files.Select(file => $"{folder}/{file}").ToArray())]);

    /// <summary>The names, for a message.</summary>
    public override string ToString() => string.Join(", or ", Alternatives.Select(files => string.Join(" and ", files)));
}
