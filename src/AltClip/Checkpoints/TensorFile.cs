using Microsoft.Win32.SafeHandles;
using TorchSharp;
using static TorchSharp.torch;

namespace AltClip;

/// <summary>
/// An open file whose bytes become tensors: views of a private memory map where the element's alignment allows, else copies.
/// </summary>
/// <remarks>
/// The maps are made while the checked file is open and not on first use, so that a file replaced on disk afterwards (which a save
/// into the same folder does) cannot be read with the old file's header. A map costs address space, not memory. TorchSharp has no
/// <c>view(dtype)</c>, hence one map for each type.
/// </remarks>
internal sealed class TensorFile : IDisposable
{
    private const long CopyChunkElements = 1 << 26;

    private readonly SafeFileHandle _handle;
    private readonly Dictionary<ScalarType, Tensor> _maps = [];

    private TensorFile(string path, SafeFileHandle handle)
    {
        Path = path;
        _handle = handle;
        Length = RandomAccess.GetLength(handle);
    }

    public string Path { get; }

    public long Length { get; }

    public static TensorFile Open(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no checkpoint file '{path}'.", path);

        return new TensorFile(path, File.OpenHandle(path, share: FileShare.Read | FileShare.Delete));
    }

    /// <summary>Opens and interprets a file; it is closed again where that fails.</summary>
    public static T Open<T>(string path, Func<TensorFile, T> interpret)
    {
        var file = Open(path);
        try
        {
            return interpret(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void ReadExactly(long offset, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            int count = RandomAccess.Read(_handle, destination, offset);
            if (count == 0)
                throw new CheckpointException(CheckpointError.Truncated, Path, $"the file ends at byte {offset}; expected {destination.Length} bytes more.");

            offset += count;
            destination = destination[count..];
        }
    }

    /// <summary>Maps the file for the tensors that <see cref="Read"/> will be asked for.</summary>
    public void Map(IEnumerable<TensorEntry> entries)
    {
        foreach (var dtype in entries.Where(entry => entry.IsMappable).Select(entry => entry.Info.DType).Distinct())
        {
            var map = from_file(Path, shared: false, size: Length / dtype.ElementSize(), dtype: dtype, device: CPU);
            _maps.Add(dtype, map.DetachFromDisposeScope());
        }
    }

    /// <summary>A tensor of its own life; the entry must lie within the file.</summary>
    public Tensor Read(TensorEntry entry)
    {
        ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
        var (_, dtype, shape) = entry.Info;
        long[] sizes = [.. shape];
        if (entry.Info.ElementCount == 0)
            return empty(sizes, dtype: dtype, device: CPU);

        if (entry.IsMappable)
            return _maps[dtype].as_strided(sizes, entry.Strides, entry.Offset / dtype.ElementSize());

        using var copy = Copy(entry);
        return copy.as_strided(sizes, entry.Strides);
    }

    public void Dispose()
    {
        foreach (var map in _maps.Values)
            map.Dispose();

        _handle.Dispose();
    }

    private Tensor Copy(TensorEntry entry)
    {
        var copy = empty(entry.Extent, dtype: entry.Info.DType, device: CPU);
        try
        {
            for (long start = 0; start < entry.Extent; start += CopyChunkElements)
            {
                using var chunk = copy.narrow(0, start, Math.Min(CopyChunkElements, entry.Extent - start));
                ReadExactly(entry.Offset + start * entry.Info.DType.ElementSize(), chunk.bytes);
            }

            return copy;
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }
}
