using AltClip.Checkpoints.PyTorch;
using AltClip.Shared;

namespace AltClip.Checkpoints;

/// <summary>The file names that a checkpoint folder uses, and which of them is read.</summary>
internal static class CheckpointFiles
{
    /// <summary>The weights in one safetensors file.</summary>
    public const string SafeTensors = "model.safetensors";

    /// <summary>The index of weights in several safetensors files.</summary>
    public const string SafeTensorsIndex = "model.safetensors.index.json";

    private const string PyTorch = "pytorch_model.bin";
    private const string PyTorchIndex = "pytorch_model.bin.index.json";

    // transformers' order.
    private static readonly (string Name, Func<string, ITensorSource> Open)[] Kinds =
    [
        (SafeTensors, Checkpoints.SafeTensors.Open),
        (SafeTensorsIndex, path => ShardedCheckpoint.Open(path, Checkpoints.SafeTensors.Open)),
        (PyTorch, PyTorchCheckpoint.Open),
        (PyTorchIndex, path => ShardedCheckpoint.Open(path, PyTorchCheckpoint.Open)),
    ];

    /// <summary>The names that the weights may have, alone or with the shards that an index names.</summary>
    /// <param name="variant">The part of the names before their ending, such as <c>fp16</c>; null for none.</param>
    /// <exception cref="ArgumentException">The variant can't be part of a file's name.</exception>
    public static IEnumerable<string> Names(string? variant = null) => Kinds.Select(kind => WithVariant(kind.Name, variant));

    /// <summary>Whether a file of that name, or below folders, is an index.</summary>
    public static bool IsIndex(string name) =>
        name.EndsWith(".json", StringComparison.Ordinal) && name[(name.LastIndexOf('/') + 1)..].Contains(".index.", StringComparison.Ordinal);

    /// <summary>The file of a folder that counts as its weights, or as their index; null if it has none.</summary>
    public static string? Counting(string folder, string? variant = null) => Names(variant).FirstOrDefault(name => File.Exists(Path.Combine(folder, name)));

    /// <summary>Opens the weights of a folder: the first that it has of the files transformers looks for, in its order.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="variant">Which of several sets of weights; null for the one without a name.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">The folder has none of the files, or its index names shards that do not exist.</exception>
    /// <exception cref="CheckpointException">The file is malformed.</exception>
    public static ITensorSource Open(string folder, string? variant = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"There is no checkpoint folder '{folder}'.");

        foreach (var (name, open) in Kinds)
        {
            string path = Path.Combine(folder, WithVariant(name, variant));
            if (File.Exists(path))
                return open(path);
        }

        string others = OtherVariants(folder) is { Length: > 0 } there ? $" It has {there}: give the variant in their names." : "";
        string asked = variant is null ? "" : $" of the variant '{variant}'";
        throw new FileNotFoundException($"The folder '{folder}' has no weights{asked}; expected one of {string.Join(", ", Names(variant))}.{others}");
    }

    /// <summary>As transformers writes it: <c>model.fp16.safetensors</c>, <c>model.safetensors.index.fp16.json</c>.</summary>
    private static string WithVariant(string name, string? variant)
    {
        if (variant is null)
            return name;

        if (!FileName.IsOne(variant))
            throw new ArgumentException($"The variant is '{Listing.Cut(variant)}'; expected a part of a file's name, such as fp16.", nameof(variant));

        return $"{Path.GetFileNameWithoutExtension(name)}.{variant}{Path.GetExtension(name)}";
    }

    private static string OtherVariants(string folder) => Listing.Of(
        [.. Directory.EnumerateFiles(folder).Select(Path.GetFileName).OfType<string>().Where(IsVariant).Order(StringComparer.Ordinal)]);

    private static bool IsVariant(string name) => Kinds.Any(kind =>
        name != kind.Name && name.StartsWith(Path.GetFileNameWithoutExtension(kind.Name) + ".", StringComparison.Ordinal)
        && name.EndsWith(Path.GetExtension(kind.Name), StringComparison.Ordinal));
}
