using static TorchSharp.torch;

namespace AltClip.Checkpoints;

/// <summary>The element types of the safetensors format.</summary>
internal static class SafeTensorsDType
{
    // In the order in which the format's own library declares them, alignment growing: it sorts tensors by it when it writes.
    private static readonly (string Name, ScalarType Type)[] Supported =
    [
        ("BOOL", ScalarType.Bool),
        ("U8", ScalarType.Byte),
        ("I8", ScalarType.Int8),
        ("I16", ScalarType.Int16),
        ("F16", ScalarType.Float16),
        ("BF16", ScalarType.BFloat16),
        ("I32", ScalarType.Int32),
        ("F32", ScalarType.Float32),
        ("F64", ScalarType.Float64),
        ("I64", ScalarType.Int64),
    ];

    private static readonly string[] Unsupported =
        ["F4", "F6_E2M3", "F6_E3M2", "F8_E4M3", "F8_E4M3FNUZ", "F8_E5M2", "F8_E5M2FNUZ", "F8_E8M0", "U16", "U32", "U64", "C64"];

    /// <summary>The names that can be read and written.</summary>
    public static string SupportedNames => string.Join(", ", Supported.Select(dtype => dtype.Name));

    /// <summary>The type of a name, unless TorchSharp has none.</summary>
    public static ScalarType? Find(string name)
    {
        int index = Array.FindIndex(Supported, dtype => dtype.Name == name);
        return index < 0 ? null : Supported[index].Type;
    }

    /// <summary>Whether the format knows the name although TorchSharp has no such type.</summary>
    public static bool IsUnsupported(string name) => Unsupported.Contains(name);

    /// <summary>The name of a type, unless the format has none.</summary>
    public static string? NameOf(ScalarType type)
    {
        int rank = Rank(type);
        return rank < 0 ? null : Supported[rank].Name;
    }

    /// <summary>A type's place in the format's order; -1 for a type it does not have.</summary>
    public static int Rank(ScalarType type) => Array.FindIndex(Supported, dtype => dtype.Type == type);
}
