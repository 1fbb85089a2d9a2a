using static TorchSharp.torch;

namespace AltClip.Checkpoints.PyTorch;

/// <summary>The names that a pickled state dict may use: tensors, storages and ordered dictionaries. Every other stands for a value that is not made.</summary>
internal sealed class PyTorchVocabulary(string path) : IPickleVocabulary
{
    // PyTorch's own limit.
    private const int MostDimensions = 64;

    private static readonly Dictionary<string, ScalarType> StorageTypes = new()
    {
        ["BoolStorage"] = ScalarType.Bool,
        ["ByteStorage"] = ScalarType.Byte,
        ["CharStorage"] = ScalarType.Int8,
        ["ShortStorage"] = ScalarType.Int16,
        ["IntStorage"] = ScalarType.Int32,
        ["LongStorage"] = ScalarType.Int64,
        ["HalfStorage"] = ScalarType.Float16,
        ["BFloat16Storage"] = ScalarType.BFloat16,
        ["FloatStorage"] = ScalarType.Float32,
        ["DoubleStorage"] = ScalarType.Float64,
        ["ComplexFloatStorage"] = ScalarType.ComplexFloat32,
        ["ComplexDoubleStorage"] = ScalarType.ComplexFloat64,
    };

    public object Find(string module, string name) => (module, name) switch
    {
        ("collections", "OrderedDict") => new PickleFunction(OrderedDict),
        ("torch._utils", "_rebuild_tensor_v2") => new PickleFunction(RebuildTensor),
        ("torch._utils", "_rebuild_parameter") => new PickleFunction(RebuildParameter),
        ("torch._utils", "_rebuild_parameter_with_state") => new PickleFunction(RebuildParameterWithState),
        ("torch._tensor", "_rebuild_from_type_v2") => new PickleFunction(RebuildFromType),
        ("torch", "Size") => new PickleFunction(Size),
        // Files from a GPU of before PyTorch 1.6 have the class of its own.
        ("torch" or "torch.cuda", _) when StorageTypes.TryGetValue(name, out var dtype) => new PickledStorageType(dtype),
        _ => new PickledUnknown($"{module}.{name}"),
    };

    public object Resolve(object? persistentId)
    {
        // The second is how the legacy format writes a class of layers, with its source.
        if (persistentId is object?[] and ["storage" or "module", PickledUnknown other, ..])
            return other;

        if (persistentId is not object?[] { Length: 5 or 6 } id
            || id is not ["storage", PickledStorageType type, string key, string, long count, ..]
            || count < 0)
            throw Error("refers to data that is not a storage");

        return id is [.., object?[] view] ? View(type, key, count, view) : new PickledStorage(type.DType, key, 0, count, count);
    }

    private PickledStorage View(PickledStorageType type, string key, long total, object?[] view)
    {
        if (view is not [_, long start, long count] || start < 0 || count < 0 || start > total - count)
            throw Error($"refers to a part of storage '{key}' that is not within its {total} elements");

        return new PickledStorage(type.DType, key, start, count, total);
    }

    private PickleDictionary OrderedDict(object?[] arguments) =>
        arguments.Length == 0 ? [] : throw Error($"gives OrderedDict {arguments.Length} arguments; expected none");

    private object?[] Size(object?[] arguments) =>
        arguments is [object?[] sizes] ? sizes : throw Error("gives torch.Size something other than one tuple");

    private object RebuildParameter(object?[] arguments) =>
        arguments is [PickledTensor or PickledUnknown, bool, PickleDictionary] ? arguments[0]! : throw Error("rebuilds a parameter from something other than a tensor");

    private object RebuildParameterWithState(object?[] arguments) =>
        arguments is [PickledTensor or PickledUnknown, bool, PickleDictionary, _] ? arguments[0]! : throw Error("rebuilds a parameter from something other than a tensor");

    // A tensor of a class of its own, or with attributes: how it is rebuilt, its class, the arguments and the attributes.
    private object RebuildFromType(object?[] arguments) => arguments switch
    {
        [PickleFunction rebuild, _, object?[] inner, _] => rebuild(inner),
        [PickledUnknown other, ..] => other,
        _ => throw Error("rebuilds a tensor of a class from something other than a function and its arguments"),
    };

    // storage, offset, sizes, strides, requires_grad, hooks and, in newer files, a dictionary that marks lazily negated or conjugated tensors
    private object RebuildTensor(object?[] arguments)
    {
        if (arguments is [PickledUnknown other, ..])
            return other;

        if (arguments is not ([PickledStorage, long, object?[], object?[], bool, PickleDictionary]
            or [PickledStorage, long, object?[], object?[], bool, PickleDictionary, null or PickleDictionary { Count: 0 }]))
            throw Error("rebuilds a tensor from something other than a storage, an offset, sizes and strides");

        return new PickledTensor((PickledStorage)arguments[0]!, (long)arguments[1]!, Numbers(arguments[2]), Numbers(arguments[3]));
    }

    private long[] Numbers(object? tuple) => (object?[])tuple! is { Length: > MostDimensions }
        ? throw Error($"gives a tensor more than {MostDimensions} dimensions")
        : [.. ((object?[])tuple!).Select(item => item as long? ?? throw Error("gives a tensor a size or stride that is not a 64-bit number"))];

    private CheckpointException Error(string message) => new(CheckpointError.InvalidPickle, path, $"the pickle {message}.");
}
