using AltClip.Native;

namespace AltClip.Checkpoints;

/// <summary>What weights a model's folder has, known without reading them.</summary>
public sealed class CheckpointInfo
{
    private CheckpointInfo(IReadOnlyList<string> files, IReadOnlyList<SafeTensorInfo> tensors) => (Files, Tensors) = (files, tensors);

    /// <summary>The paths of the files with the weights: one, or all shards. An index is not among them.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>The tensors by the names that the model has for them. Counted numbers that files of 2022 keep are not among them.</summary>
    public IReadOnlyList<SafeTensorInfo> Tensors { get; }

    /// <summary>How many numbers the model has.</summary>
    public long ParameterCount => Tensors.Sum(tensor => tensor.ElementCount);

    /// <summary>How many bytes the files have.</summary>
    public long FileBytes => Files.Sum(file => new FileInfo(file).Length);

    /// <summary>Reads what the weights of a folder are: of the formats that it has, the one that a model would be loaded from.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="variant">Which of several sets of weights, such as <c>fp16</c>; null for the one without a name.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">The folder has no weights, or an index names shards that are not there.</exception>
    /// <exception cref="CheckpointException">A file is malformed.</exception>
    public static CheckpointInfo Read(string folder, string? variant = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        TorchRuntime.EnsureLoaded();
        using var source = CheckpointFiles.Open(folder, variant);
        var prefix = NamePrefix.Find(source.Names, names => names.Count(StateNames.IsOfModel));
        var modelName = StateNames.FullModel(source.Names);
        return new CheckpointInfo(
            source.Files,
            [
                .. source.Names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
                    .Select(name => (InFile: name, InModel: modelName(name[prefix.Length..]))).Where(pair => pair.InModel is not null)
                    .Select(pair => source.Describe(pair.InFile) with { Name = pair.InModel! }),
            ]);
    }
}
