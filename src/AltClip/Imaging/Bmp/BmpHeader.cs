using System.Buffers.Binary;

namespace AltClip.Imaging.Bmp;

/// <summary>What the decoder of BMP files would do differently than Pillow. A damaged file says nothing.</summary>
internal readonly ref struct BmpHeader
{
    private const int FileHeader = 14;
    private const int CoreHeader = 12;
    private const int InfoHeader = 40;

    private readonly ReadOnlySpan<byte> _file;
    private readonly int _size;

    /// <summary>Looks at a file.</summary>
    public BmpHeader(ReadOnlySpan<byte> file)
    {
        _file = file;
        _size = file.Length < FileHeader + InfoHeader ? 0 : BinaryPrimitives.ReadInt32LittleEndian(file[FileHeader..]);
    }

    /// <summary>The bits of a pixel, 0 if the file doesn't say.</summary>
    public int BitsPerPixel => _size == 0 ? 0 : BinaryPrimitives.ReadUInt16LittleEndian(_file[(FileHeader + (_size == CoreHeader ? 10 : 14))..]);

    private int Compression => _size < InfoHeader ? 0 : BinaryPrimitives.ReadInt32LittleEndian(_file[(FileHeader + 16)..]);

    /// <summary>Whether rows are in runs, which may skip pixels.</summary>
    public bool IsRunLength => Compression is 1 or 2;

    /// <summary>The palette's first colour, which Pillow gives to skipped pixels.</summary>
    public RgbColor FirstColor
    {
        get
        {
            var palette = _file[Math.Clamp(FileHeader + _size, 0, _file.Length)..];
            return palette.Length < 3 ? default : new(palette[2], palette[1], palette[0]);
        }
    }

    /// <summary>The bits of green in a pixel of 16 bits, whose other colours have five; null for other pixels.</summary>
    public int? GreenBits
    {
        get
        {
            const int BitFields = 3, Masks = FileHeader + InfoHeader;
            if (BitsPerPixel != 16 || Compression is not (0 or BitFields))
                return null;
            if (Compression == 0)
                return 5;
            if (_file.Length < Masks + 12 || BinaryPrimitives.ReadInt32LittleEndian(_file[(Masks + 8)..]) != 0x1f)
                return null;
            return (BinaryPrimitives.ReadInt32LittleEndian(_file[Masks..]), BinaryPrimitives.ReadInt32LittleEndian(_file[(Masks + 4)..])) switch
            {
                (0x7c00, 0x3e0) => 5,
                (0xf800, 0x7e0) => 6,
                _ => null,
            };
        }
    }

    /// <summary>Makes bytes of five or six bits as Pillow does, which rounds down. The decoder kept the upper bits.</summary>
    public static unsafe void Scale(byte* pixels, long count, int greenBits)
    {
        var green = greenBits == 6 ? (Shift: 2, Most: 63) : (Shift: 3, Most: 31);
        for (var pixel = pixels; count > 0; count--, pixel += PillowResampler.PixelBytes)
        {
            pixel[0] = (byte)((pixel[0] >> 3) * 255 / 31);
            pixel[1] = (byte)((pixel[1] >> green.Shift) * 255 / green.Most);
            pixel[2] = (byte)((pixel[2] >> 3) * 255 / 31);
        }
    }
}
