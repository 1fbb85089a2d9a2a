using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using AltClip.Shared;
using TorchSharp;

namespace AltClip.Checkpoints.PyTorch;

/// <summary>
/// The format of <c>torch.save</c> before PyTorch 1.6: pickles of a magic number, a version, the writing system, the state dict and the
/// keys of its storages, then each storage's element count and elements in the order of the keys.
/// </summary>
internal static class LegacyPyTorchFile
{
    private const long Version = 1001;

    private static readonly BigInteger Magic = BigInteger.Parse("1950a86a20f9469cfc6c", NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    /// <summary>Reads the pickles from the file's beginning and finds the storages behind them.</summary>
    public static PyTorchFile Read(TensorFile file, byte[] beginning)
    {
        var storages = new StorageCollector(new PyTorchVocabulary(file.Path));
        var unpickler = new Unpickler(beginning, file.Path, storages);
        CheckMagic(file, unpickler);
        if (unpickler.Load() is not Version)
            throw new CheckpointException(CheckpointError.UnknownFormat, file.Path, $"the file's version is not {Version}, the only one of the legacy format.");

        if (unpickler.Load() is not PickleDictionary system || system.Any(item => item is { Key: "little_endian", Value: not true }))
            throw new CheckpointException(CheckpointError.UnsupportedByteOrder, file.Path, "the file was not saved on a little-endian machine.");

        object? root = unpickler.Load();
        if (unpickler.Load() is not List<object?> keys)
            throw new CheckpointException(CheckpointError.InvalidPickle, file.Path, "the pickle of storage keys is not a list.");

        return new PyTorchFile(root, Locate(file, unpickler.Position, keys, storages.Found));
    }

    private static void CheckMagic(TensorFile file, Unpickler unpickler)
    {
        const string expected = "expected a file that torch.save wrote (a zip archive, or the legacy format's magic number)";
        object? found;
        try
        {
            found = unpickler.Load();
        }
        catch (CheckpointException exception)
        {
            throw new CheckpointException(CheckpointError.UnknownFormat, file.Path, $"the file is no pickle; {expected}.", exception);
        }

        if (found is PickledUnknown other)
            throw new CheckpointException(CheckpointError.ForbiddenGlobal, file.Path, $"the file is a pickle that would call '{Listing.Cut(other.Name)}', which was not run; {expected}.");

        if (found is not BigInteger number || number != Magic)
            throw new CheckpointException(CheckpointError.UnknownFormat, file.Path, $"the file has no magic number; {expected}.");
    }

    private static Dictionary<string, FileRange> Locate(TensorFile file, long position, List<object?> keys, Dictionary<string, PickledStorage> storages)
    {
        var ranges = new Dictionary<string, FileRange>();
        Span<byte> prefix = stackalloc byte[sizeof(long)];
        foreach (object? key in keys)
        {
            if (key is not string name || !storages.TryGetValue(name, out var storage))
                throw new CheckpointException(CheckpointError.InvalidPickle, file.Path, $"the storage key '{key}' belongs to no tensor.");

            file.ReadExactly(position, prefix);
            position += prefix.Length;
            long count = BinaryPrimitives.ReadInt64LittleEndian(prefix);
            if (count != storage.TotalCount)
                throw new CheckpointException(CheckpointError.StorageOutOfBounds, file.Path, $"storage '{name}' has {count} elements; expected the {storage.TotalCount} that its tensors name.");

            if (!TensorEntry.TryMultiply([count, storage.DType.ElementSize()], out long length) || length > file.Length - position)
                throw new CheckpointException(CheckpointError.Truncated, file.Path, $"storage '{name}' has {count} elements at byte {position}; the file ends at {file.Length}.");

            if (!ranges.TryAdd(name, new FileRange(position, length)))
                throw new CheckpointException(CheckpointError.DuplicateName, file.Path, $"the storage key '{name}' occurs twice.");

            position += length;
        }

        return ranges;
    }

    /// <summary>Remembers the storages that a pickle refers to: only there does the legacy format give their element types.</summary>
    private sealed class StorageCollector(PyTorchVocabulary vocabulary) : IPickleVocabulary
    {
        public Dictionary<string, PickledStorage> Found { get; } = [];

        public object Find(string module, string name) => vocabulary.Find(module, name);

        public object Resolve(object? persistentId)
        {
            object resolved = vocabulary.Resolve(persistentId);
            if (resolved is PickledStorage storage)
                Found[storage.Key] = storage;

            return resolved;
        }
    }
}
