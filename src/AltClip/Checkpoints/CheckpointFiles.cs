using AltClip.Checkpoints.PyTorch;

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
    public static IEnumerable<string> Names => Kinds.Select(kind => kind.Name);

    /// <summary>Whether a file of that name is an index.</summary>
    public static bool IsIndex(string name) => name is SafeTensorsIndex or PyTorchIndex;

    /// <summary>Opens the weights of a folder: the first that it has of the files transformers looks for, in its order.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">The folder has none of the files, or its index names shards that do not exist.</exception>
    /// <exception cref="CheckpointException">The file is malformed.</exception>
    public static ITensorSource Open(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"There is no checkpoint folder '{folder}'.");

        foreach (var (name, open) in Kinds)
        {
            string path = Path.Combine(folder, name);
            if (File.Exists(path))
                return open(path);
        }

        throw new FileNotFoundException($"The folder '{folder}' has no weights; expected one of {string.Join(", ", Names)}.");
    }
}
