using System.Buffers;
using Microsoft.Win32.SafeHandles;
using TorchSharp;
using static TorchSharp.torch;

namespace AltClip.Checkpoints;

/// <summary>
/// Rows of a tensor that stays in its file, to be read when they are used. The file is read through once, and of each row its digest is kept:
/// a row that isn't any more what it was is refused by name, and a file that was cut short ends nothing but the call.
/// </summary>
/// <remarks>
/// A map would do the same for less code, but its pages change with the file, and touching those beyond a file's new end kills the process
/// (SIGBUS). A copy would take the whole tensor's memory, of the full-size model more than all packed weights together.
/// </remarks>
internal sealed class TensorRows : IDisposable
{
    private const int ChunkBytes = 1 << 22;

    private readonly SafeFileHandle _handle;
    private readonly TensorEntry _entry;
    private readonly string _path;
    private readonly ulong[] _digests;
    private readonly int _rowBytes;

    /// <param name="handle">The file, open for reading, which then belongs to this.</param>
    /// <param name="path">Its name in messages.</param>
    /// <param name="entry">A tensor of two dimensions without gaps.</param>
    public TensorRows(SafeFileHandle handle, string path, TensorEntry entry)
    {
        (_handle, _path, _entry) = (handle, path, entry);
        _rowBytes = checked((int)(entry.Info.Shape[1] * entry.Info.DType.ElementSize()));
        _digests = new ulong[entry.Info.Shape[0]];
        try
        {
            int atOnce = Math.Max(1, ChunkBytes / _rowBytes);
            Parallel.For(0, (_digests.Length + atOnce - 1) / atOnce, chunk => ReadDigests(chunk * atOnce, Math.Min(_digests.Length, (chunk + 1) * atOnce)));
        }
        catch (AggregateException e) when (e.InnerException is { } problem)
        {
            Dispose();
            throw problem is CheckpointException ? Changed() : problem;
        }
    }

    /// <summary>Whether a tensor's rows are bytes without gaps.</summary>
    public static bool Has(TensorEntry entry) => entry.Info is { ElementCount: > 0, Shape.Count: 2 }
        && entry.Strides.AsSpan().SequenceEqual(TensorEntry.ContiguousStrides(entry.Info.Shape))
        && entry.Info.Shape[1] <= ChunkBytes / entry.Info.DType.ElementSize();

    /// <summary>Some of the rows, as often as they are named.</summary>
    /// <param name="indices">int64 or int32 [rows] on the CPU, each one of the tensor's.</param>
    /// <returns>[rows, width] in the file's type; the caller disposes it.</returns>
    /// <exception cref="CheckpointException">The file was written into, or cut short.</exception>
    public Tensor Select(Tensor indices)
    {
        using var wide = indices.to(ScalarType.Int64).contiguous();
        long[] wanted = wide.data<long>().ToArray();
        var rows = empty(wanted.Length, _entry.Info.Shape[1], dtype: _entry.Info.DType, device: CPU);
        try
        {
            var bytes = rows.bytes;
            int place = 0;
            foreach (long row in wanted)
            {
                var target = bytes.Slice(place, _rowBytes);
                if (!TryRead(row, target) || RowDigest.Of(target) != _digests[row])
                    throw Changed(row);

                place += _rowBytes;
            }

            return rows;
        }
        catch
        {
            rows.Dispose();
            throw;
        }
    }

    public void Dispose() => _handle.Dispose();

    private void ReadDigests(int first, int end)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent((end - first) * _rowBytes);
        try
        {
            var bytes = buffer.AsSpan(0, (end - first) * _rowBytes);
            if (!TryRead(first, bytes))
                throw Changed();

            for (int row = first; row < end; row++)
                _digests[row] = RowDigest.Of(bytes.Slice((row - first) * _rowBytes, _rowBytes));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private bool TryRead(long row, Span<byte> target)
    {
        long offset = _entry.Offset + row * _rowBytes;
        while (target.Length > 0)
        {
            int count = RandomAccess.Read(_handle, target, offset);
            if (count == 0)
                return false;

            offset += count;
            target = target[count..];
        }

        return true;
    }

    private CheckpointException Changed(long? row = null) => new(
        CheckpointError.Changed, _path,
        $"the file was written into or cut short since it was opened: {(row is null ? "" : $"row {row} of ")}'{_entry.Info.Name}' is not what it was. "
        + "Load the model again. A file that is written in place, instead of beside and then moved, can't be mapped.");
}
