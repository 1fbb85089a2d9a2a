using TorchSharp;
using static TorchSharp.torch;

namespace AltClip.Checkpoints.PyTorch;

/// <summary>
/// A state dict that <c>torch.save</c> wrote (<c>pytorch_model.bin</c>), in the zip format or the legacy one, read without running
/// anything the file says.
/// </summary>
/// <remarks>
/// The root is the dictionary of tensors by name, or has it under one of the keys that trainers use (<see cref="StateDict"/>). Values that
/// are not tensors (versions, settings, optimizers) are passed over. Tensors keep their strides, offsets and shared storage; the device
/// they were saved from does not matter.
/// </remarks>
internal sealed class PyTorchCheckpoint : ITensorSource
{
    private readonly TensorFile _file;
    private readonly Dictionary<string, TensorEntry> _entries = [];
    private readonly Dictionary<string, string> _notTensors = [];

    private PyTorchCheckpoint(TensorFile file)
    {
        _file = file;
        var (root, storages) = PyTorchFile.Read(file);
        foreach (var (key, value) in StateDict.Find(root, Location))
        {
            if (value is PickledUnknown other && key is string its)
                _notTensors[its] = other.Name;

            if (value is not PickledTensor tensor)
                continue;

            if (key is not string name)
                throw new CheckpointException(CheckpointError.NotAStateDict, Location, $"a tensor has the key '{key}'; expected text.");

            _entries[name] = Locate(name, tensor, storages);
        }

        file.Map(_entries.Values);
    }

    public string Location => _file.Path;

    public IReadOnlyList<string> Files => [Location];

    public string? Replaced => _file.IsCurrent ? null : Location;

    public string? Written => _file.WasWritten ? Location : null;

    public IReadOnlyCollection<string> Names => _entries.Keys;

    public IReadOnlyDictionary<string, string> NotTensors => _notTensors;

    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="CheckpointException">The file is malformed, or names more than tensors and containers.</exception>
    public static PyTorchCheckpoint Open(string path) => TensorFile.Open(path, file => new PyTorchCheckpoint(file));

    public SafeTensorInfo Describe(string name) => Find(name).Info;

    public Tensor Read(string name) => _file.Read(Find(name));

    public TensorRows? Rows(string name) => _file.Rows(Find(name));

    public void Dispose() => _file.Dispose();

    private TensorEntry Find(string name) =>
        _entries.TryGetValue(name, out var entry) ? entry : throw new KeyNotFoundException($"'{Location}' has no tensor '{name}'.");

    private TensorEntry Locate(string name, PickledTensor tensor, IReadOnlyDictionary<string, FileRange> storages)
    {
        var (storage, offset, shape, strides) = tensor;
        if (shape.Length != strides.Length || offset < 0 || shape.Any(size => size < 0) || strides.Any(stride => stride < 0))
            throw new CheckpointException(CheckpointError.InvalidNumber, Location, $"tensor '{name}' has {Describe(tensor)}; expected as many strides as sizes and none negative.");

        int elementSize = storage.DType.ElementSize();
        if (!TensorEntry.TryMultiply([.. shape, elementSize], out long bytes))
            throw new CheckpointException(CheckpointError.ShapeOverflow, Location, $"tensor '{name}' has {Describe(tensor)}; expected at most {long.MaxValue} bytes.");

        if (!storages.TryGetValue(storage.Key, out var range) || (Int128)storage.TotalCount * elementSize != range.Length)
            throw new CheckpointException(CheckpointError.StorageOutOfBounds, Location, $"tensor '{name}' lies in storage '{storage.Key}' of {storage.TotalCount} {storage.DType} elements; the file has {range.Length} bytes of it.");

        Int128 end = offset + Int128.One;
        for (int i = 0; i < shape.Length; i++)
            end += (Int128)(shape[i] - 1) * strides[i];

        if (bytes > 0 && end > storage.Count)
            throw new CheckpointException(CheckpointError.StorageOutOfBounds, Location, $"tensor '{name}' has {Describe(tensor)} in a storage of {storage.Count} elements; expected it within.");

        return new TensorEntry(new SafeTensorInfo(name, storage.DType, shape), range.Offset + (storage.Start + offset) * elementSize, strides);
    }

    private static string Describe(PickledTensor tensor) =>
        $"sizes [{string.Join(", ", tensor.Shape)}], strides [{string.Join(", ", tensor.Strides)}] and offset {tensor.Offset}";
}
