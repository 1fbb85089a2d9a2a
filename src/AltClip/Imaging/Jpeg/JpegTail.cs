using SkiaSharp;

namespace AltClip.Imaging.Jpeg;

/// <summary>
/// The last rows that a truncated file has. The decoder stops a few rows early, since it waits for what follows. Here different bytes follow:
/// rows that don't depend on them are the picture's.
/// </summary>
internal sealed unsafe class JpegTail : IDisposable
{
    // The decoder is behind by a row of blocks, of at most four times eight pixels, and by the next, whose colours it mixes in.
    private const int MostRows = 2 * 4 * 8;

    private const int Length = 64;

    private readonly SKImageInfo _info;
    private readonly SKCodec? _one;
    private readonly SKCodec? _other;
    private readonly byte[] _again;
    private byte[] _row;
    private byte[] _next;
    private int _left;
    private bool _isThere;

    /// <summary>Starts at the first row that the decoder left out.</summary>
    /// <param name="file">The file without an end.</param>
    /// <param name="info">How pixels are wanted.</param>
    /// <param name="first">The row.</param>
    public JpegTail(ReadOnlySpan<byte> file, SKImageInfo info, int first)
    {
        (_info, _again, _row, _next) = (info, new byte[info.RowBytes], new byte[info.RowBytes], new byte[info.RowBytes]);
        (_one, _other) = (Continued(file, 0x00), Continued(file, 0x55));
        _left = Start(_one, first) && Start(_other, first) ? Math.Min(MostRows, info.Height - first) : 0;
        _isThere = ReadNext();
    }

    /// <summary>Decodes the next rows.</summary>
    /// <param name="target">Where they go.</param>
    /// <param name="rows">How many there is room for.</param>
    /// <returns>How many there are.</returns>
    public int Decode(byte* target, int rows)
    {
        for (var y = 0; y < rows; y++, target += _info.RowBytes)
        {
            if (!_isThere)
                return y;
            (_row, _next) = (_next, _row);
            var isLast = _left == 0;
            _isThere = ReadNext();
            // The last row before those that differ has mixed in their colours, and may agree by chance.
            if (!_isThere && !isLast)
                return y;
            _row.CopyTo(new Span<byte>(target, _info.RowBytes));
        }
        return rows;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _one?.Dispose();
        _other?.Dispose();
    }

    private static SKCodec? Continued(ReadOnlySpan<byte> file, byte fill)
    {
        // A cut may have parted a byte 0xff from the one that says what it means.
        file = file.TrimEnd((byte)0xff);
        var bytes = new byte[file.Length + Length + 2];
        file.CopyTo(bytes);
        bytes.AsSpan(file.Length, Length).Fill(fill);
        (bytes[^2], bytes[^1]) = (0xff, 0xd9);
        using var data = SKData.CreateCopy(bytes);
        return SKCodec.Create(data);
    }

    private bool ReadNext()
    {
        if (_left == 0)
            return false;
        _left--;
        fixed (byte* next = _next, again = _again)
        {
            return _one!.GetScanlines((nint)next, 1, _info.RowBytes) == 1
                && _other!.GetScanlines((nint)again, 1, _info.RowBytes) == 1 && _next.AsSpan().SequenceEqual(_again);
        }
    }

    private bool Start(SKCodec? codec, int first) =>
        codec?.StartScanlineDecode(_info) == SKCodecResult.Success && (first == 0 || codec.SkipScanlines(first));
}
