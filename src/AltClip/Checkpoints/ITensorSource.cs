using System.Collections.ObjectModel;
using static TorchSharp.torch;

namespace AltClip.Checkpoints;

/// <summary>Named tensors of a checkpoint, whatever its file format: everything is checked on opening, elements are read one tensor at a time.</summary>
internal interface ITensorSource : IDisposable
{
    /// <summary>The file that was opened (the index, of a sharded checkpoint), for messages.</summary>
    string Location { get; }

    /// <summary>The files that hold the tensors, by name: one, or the shards of an index.</summary>
    IReadOnlyList<string> Files { get; }

    /// <summary>One of <see cref="Files"/> that isn't any more the one that was opened, by its path; null if all are.</summary>
    string? Replaced { get; }

    /// <summary>One of <see cref="Files"/> that was written into since it was opened, by its path; null if none was.</summary>
    string? Written { get; }

    /// <summary>The tensors' names in the order of the file.</summary>
    IReadOnlyCollection<string> Names { get; }

    /// <summary>Names of values among the tensors that are none, and what Python would have called to make them: it was not.</summary>
    IReadOnlyDictionary<string, string> NotTensors => ReadOnlyDictionary<string, string>.Empty;

    /// <summary>A tensor's type and sizes, without reading it.</summary>
    /// <exception cref="KeyNotFoundException">There is no such tensor.</exception>
    SafeTensorInfo Describe(string name);

    /// <summary>
    /// A new CPU tensor that the caller disposes and that outlives the source. It is a view of the mapped file where the layout
    /// allows: writing to it is seen by this process's other tensors of the same source and name, and never reaches the file.
    /// </summary>
    /// <exception cref="KeyNotFoundException">There is no such tensor.</exception>
    Tensor Read(string name);

    /// <summary>
    /// A matrix whose rows are read of the same open file when they are used, which the caller disposes and which outlives the source; null
    /// where the file's layout doesn't allow it.
    /// </summary>
    /// <exception cref="KeyNotFoundException">There is no such tensor.</exception>
    /// <exception cref="CheckpointException">The file has become shorter.</exception>
    TensorRows? Rows(string name);
}
