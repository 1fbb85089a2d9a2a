namespace AltClip.Training.Data;

/// <summary>The pictures of Parquet files' row groups, read when one of them is needed. The last groups stay in memory, up to a limit.</summary>
/// <param name="most">How many bytes stay at most; a group that is larger by itself stays alone.</param>
internal sealed class ParquetPictures(long most = ParquetPictures.DefaultMost)
{
    private const long DefaultMost = 1L << 30;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string File, int Group), Lazy<byte[]?[]>> _groups = [];
    private readonly List<(string File, int Group)> _recent = [];
    private long _bytes;

    /// <summary>How many row groups were read, each time that one was.</summary>
    public int Reads { get; private set; }

    /// <summary>The bytes of a picture.</summary>
    /// <param name="file">The file.</param>
    /// <param name="leaf">The column's name.</param>
    /// <param name="group">The row group.</param>
    /// <param name="row">The row in it.</param>
    /// <exception cref="IOException">The file can't be read, or is another than when it was opened.</exception>
    /// <exception cref="DataSetException">The file is damaged.</exception>
    public ReadOnlyMemory<byte> Get(ParquetFile file, string leaf, int group, int row)
    {
        var key = (file.Path, group);
        Lazy<byte[]?[]>? pictures;
        lock (_lock)
        {
            if (!_groups.TryGetValue(key, out pictures)) _groups.Add(key, pictures = new(() => Read(file, leaf, group)));
            _recent.Remove(key);
            _recent.Add(key);
        }
        try
        {
            return pictures.Value[row] ?? throw new IOException($"{file.Path}: row {row} of row group {group} has no picture.");
        }
        catch (Exception) when (!pictures.IsValueCreated)
        {
            // So that the next who asks tries again.
            lock (_lock)
            {
                _groups.Remove(key);
                _recent.Remove(key);
            }
            throw;
        }
    }

    private byte[]?[] Read(ParquetFile file, string leaf, int group)
    {
        var pictures = file.ReadGroupAsync(group, (reader, rows) =>
            ParquetLeaf.Of(reader.Schema).First(own => own.Name == leaf).BytesAsync(rows)).GetAwaiter().GetResult();
        lock (_lock)
        {
            Reads++;
            _bytes += Size(pictures);
            while (_bytes > most && _recent.FirstOrDefault(key => key != (file.Path, group) && _groups[key].IsValueCreated) is { File: not null } oldest)
            {
                _bytes -= Size(_groups[oldest].Value);
                _groups.Remove(oldest);
                _recent.Remove(oldest);
            }
        }
        return pictures;
    }

    private static long Size(byte[]?[] pictures) => pictures.Sum(picture => picture?.LongLength ?? 0);
}
