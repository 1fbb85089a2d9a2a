namespace AltClip.Checkpoints;

/// <summary>The checked header of a safetensors file.</summary>
/// <param name="Entries">The tensors in the order of their bytes, which cover the rest of the file without gap or overlap.</param>
/// <param name="Metadata">The strings of <c>__metadata__</c>; empty where the file has none.</param>
internal sealed record SafeTensorsHeader(IReadOnlyList<TensorEntry> Entries, IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>The member of the header that holds no tensor.</summary>
    public const string MetadataName = "__metadata__";

    /// <summary>The bytes before the header, which give its length.</summary>
    public const int PrefixBytes = sizeof(long);

    /// <summary>The length beyond which the format's own library refuses a header, in bytes.</summary>
    public const int MaxBytes = 100_000_000;
}
