using System.Buffers.Binary;
using AltClip.Shared;

namespace AltClip.Checkpoints.PyTorch;

/// <summary>What a <c>.bin</c> file holds before its meaning as a state dict: the unpickled root, and where its storages lie.</summary>
internal sealed record PyTorchFile(object? Root, IReadOnlyDictionary<string, FileRange> Storages)
{
    // 100 times what a model of ten thousand tensors needs, and little enough that no pickle can fill the memory.
    private const int MaxPickleBytes = 1 << 24;

    /// <summary>Reads either format of <c>torch.save</c>.</summary>
    public static PyTorchFile Read(TensorFile file)
    {
        if (file.Length == 0)
            throw new CheckpointException(CheckpointError.FileEmpty, file.Path, "the file is empty; expected what torch.save writes.");

        Span<byte> start = stackalloc byte[(int)Math.Min(file.Length, sizeof(uint))];
        file.ReadExactly(0, start);
        bool isZip = start.Length == sizeof(uint) && BinaryPrimitives.ReadUInt32LittleEndian(start) == ZipDirectory.LocalHeaderSignature;
        if (!isZip && FileKind.OfNoPyTorch(file.Beginning()) is { } kind)
            throw new CheckpointException(CheckpointError.UnknownFormat, file.Path, $"the file is {kind}.");

        return isZip ? ReadZip(file) : LegacyPyTorchFile.Read(file, ReadPickleBytes(file, new FileRange(0, Math.Min(file.Length, MaxPickleBytes))));
    }

    // The format since PyTorch 1.6: NAME/data.pkl, NAME/data/KEY for every storage, and newer files' NAME/byteorder.
    private static PyTorchFile ReadZip(TensorFile file)
    {
        const string pickleName = "/data.pkl";
        var entries = ZipDirectory.Read(file, name => RefuseProgram(file, name));
        string[] pickles = [.. entries.Keys.Where(name => name.EndsWith(pickleName, StringComparison.Ordinal))];
        if (pickles is not [string pickle])
            throw new CheckpointException(CheckpointError.InvalidArchive, file.Path, $"the zip archive has {pickles.Length} entries named data.pkl; expected one.");

        string root = pickle[..^pickleName.Length];
        if (entries.TryGetValue($"{root}/byteorder", out var order))
            CheckByteOrder(file, order);

        var range = entries[pickle];
        if (range.Length > MaxPickleBytes)
            throw new CheckpointException(CheckpointError.PickleTooLarge, file.Path, $"the pickle has {range.Length} bytes; expected at most {MaxPickleBytes}.");

        string storages = $"{root}/data/";
        return new PyTorchFile(
            new Unpickler(ReadPickleBytes(file, range), file.Path, new PyTorchVocabulary(file.Path)).Load(),
            entries.Where(entry => entry.Key.StartsWith(storages, StringComparison.Ordinal)).ToDictionary(entry => entry.Key[storages.Length..], entry => entry.Value));
    }

    /// <summary>A model that was compiled has code beside its tensors.</summary>
    private static void RefuseProgram(TensorFile file, string entry)
    {
        if (entry.Contains("/code/", StringComparison.Ordinal) || entry.EndsWith("/constants.pkl", StringComparison.Ordinal))
            throw new CheckpointException(CheckpointError.NotAStateDict, file.Path, "the file is TorchScript (torch.jit.save), a program with its tensors, of which nothing was run; expected torch.save(model.state_dict(), …).");
    }

    private static void CheckByteOrder(TensorFile file, FileRange range)
    {
        ReadOnlySpan<byte> little = "little"u8;
        Span<byte> order = stackalloc byte[little.Length];
        if (range.Length == order.Length)
            file.ReadExactly(range.Offset, order);

        if (!order.SequenceEqual(little))
            throw new CheckpointException(CheckpointError.UnsupportedByteOrder, file.Path, "the file's byte order is not 'little'; expected a file saved on a little-endian machine.");
    }

    private static byte[] ReadPickleBytes(TensorFile file, FileRange range)
    {
        var bytes = new byte[range.Length];
        file.ReadExactly(range.Offset, bytes);
        return bytes;
    }
}
