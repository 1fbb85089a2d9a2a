using AltClip.Shared;

namespace AltClip.Checkpoints;

/// <summary>What was found on loading a model's weights that the model was made without.</summary>
public sealed class LoadReport
{
    internal LoadReport(string path, string namePrefix, IReadOnlyList<string> unexpectedTensors) =>
        (Path, NamePrefix, UnexpectedTensors) = (path, namePrefix, unexpectedTensors);

    /// <summary>The file that was read; of a model in shards, their index.</summary>
    public string Path { get; }

    /// <summary>What a wrapper has put before the names in the file, such as <c>module.</c>; empty where nothing.</summary>
    public string NamePrefix { get; }

    /// <summary>
    /// Tensors of the file that the model has no place for, by their names in the file. They were not used. Position and token type buffers
    /// of files of 2022, which are only counted numbers, are not among them.
    /// </summary>
    public IReadOnlyList<string> UnexpectedTensors { get; }

    /// <summary>Whether the model took all that the file has.</summary>
    public bool IsComplete => UnexpectedTensors.Count == 0;

    /// <summary>The report for people, at most ten names long; empty if there is nothing to say.</summary>
    public override string ToString() => IsComplete
        ? ""
        : $"'{Path}' has {Quantity.Of(UnexpectedTensors.Count, "tensor")} that the model has no place for and does not use: {Listing.Of(UnexpectedTensors)}.";
}
