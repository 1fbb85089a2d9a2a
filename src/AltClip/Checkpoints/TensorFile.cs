using System.Runtime.InteropServices;
using AltClip.Shared;
using Microsoft.Win32.SafeHandles;
using TorchSharp;
using static TorchSharp.torch;

namespace AltClip.Checkpoints;

/// <summary>
/// An open file whose bytes become tensors: views of a private memory map where the element's alignment allows, else copies.
/// </summary>
/// <remarks>
/// What is mapped is the file that was opened and checked, not whatever has its path by then: a save into the same folder replaces it, and
/// its bytes cannot be read with another's header. A map costs address space, not memory. TorchSharp has no <c>view(dtype)</c>, hence one
/// map for each type.
/// </remarks>
internal sealed class TensorFile : IDisposable
{
    private const long CopyChunkElements = 1 << 26;

    private readonly SafeFileHandle _handle;
    private readonly Dictionary<ScalarType, Tensor> _maps = [];
    private readonly FileStamp _stamp;

    private TensorFile(string path, SafeFileHandle handle)
    {
        Path = path;
        _handle = handle;
        _stamp = FileStamp.Of(handle);
        Length = _stamp.Length;
    }

    public string Path { get; }

    public long Length { get; }

    /// <summary>Whether the file that was opened still has the path, and wasn't written into.</summary>
    public bool IsCurrent => FileStamp.Of(Path) == _stamp;

    /// <summary>Whether the file that was opened was written into since, wherever it is by now.</summary>
    public bool WasWritten => FileStamp.Of(_handle) is var now && (now.Length, now.Written) != (_stamp.Length, _stamp.Written);

    // The systems have a name for each open file; Windows has none, but there an open file that is not shared for it is not replaced.
    private string OpenPath => OperatingSystem.IsWindows() ? Path
        : $"{(OperatingSystem.IsMacOS() ? "/dev/fd" : "/proc/self/fd")}/{_handle.DangerousGetHandle()}";

    public static TensorFile Open(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no checkpoint file '{path}'.", path);

        return new TensorFile(path, File.OpenHandle(path, share: FileShare.Read));
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

    /// <summary>The first bytes, by which <see cref="FileKind"/> tells what a file is.</summary>
    public byte[] Beginning()
    {
        var beginning = new byte[Math.Min(Length, FileKind.Bytes)];
        ReadExactly(0, beginning);
        return beginning;
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
    /// <exception cref="IOException">The system does not map it, or it has become shorter.</exception>
    public void Map(IEnumerable<TensorEntry> entries)
    {
        foreach (var dtype in entries.Where(entry => entry.IsMappable).Select(entry => entry.Info.DType).Distinct())
            _maps.Add(dtype, Map(dtype).DetachFromDisposeScope());
    }

    /// <summary>A tensor of its own life; the entry must lie within the file.</summary>
    public Tensor Read(TensorEntry entry)
    {
        ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
        if (entry.IsMappable)
            return View(_maps[entry.Info.DType], entry);

        long[] sizes = [.. entry.Info.Shape];
        if (entry.Info.ElementCount == 0)
            return empty(sizes, dtype: entry.Info.DType, device: CPU);

        using var copy = Copy(entry);
        return copy.as_strided(sizes, entry.Strides);
    }

    /// <summary>The rows of a tensor, which stay in the file; null if it has none that can be read one by one.</summary>
    /// <exception cref="CheckpointException">The file has become shorter.</exception>
    public TensorRows? Rows(TensorEntry entry)
    {
        ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
        return TensorRows.Has(entry) ? new TensorRows(File.OpenHandle(OpenPath, share: FileShare.ReadWrite | FileShare.Delete), Path, entry) : null;
    }

    public void Dispose()
    {
        foreach (var map in _maps.Values)
            map.Dispose();

        _handle.Dispose();
    }

    private static Tensor View(Tensor map, TensorEntry entry) =>
        map.as_strided([.. entry.Info.Shape], entry.Strides, entry.Offset / entry.Info.DType.ElementSize());

    private Tensor Map(ScalarType dtype)
    {
        try
        {
            return from_file(OpenPath, shared: false, size: Length / dtype.ElementSize(), dtype: dtype, device: CPU);
        }
        catch (ExternalException e)
        {
            throw new IOException($"'{Path}' of {Length} bytes can't be mapped: {e.Message.Split('\n')[0]}", e);
        }
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
