namespace AltClip.Imaging.Gif;

/// <summary>
/// What the decoder of GIF files would do differently than Pillow, whose <c>convert("RGB")</c> shows the colours under transparency.
/// </summary>
internal static class GifFile
{
    private const int HeaderSize = 13;
    private const int DescriptorSize = 10;

    /// <summary>Makes the first frame opaque by taking back that one of its palette's entries is transparent.</summary>
    /// <returns>The colour that Pillow lays under a frame smaller than the picture: the transparent entry, or else the first.</returns>
    public static RgbColor MakeOpaque(Span<byte> file)
    {
        if (file.Length < HeaderSize)
            return default;
        var palette = PaletteAfter(file, HeaderSize, file[10]);
        var background = 0;
        for (var position = HeaderSize + palette.Length; position + DescriptorSize <= file.Length;)
        {
            if (file[position] == ',')
            {
                var own = PaletteAfter(file, position + DescriptorSize, file[position + DescriptorSize - 1]);
                palette = own.IsEmpty ? palette : own;
                break;
            }
            if (file[position] != '!')
                break;
            if (file[position + 1] == 0xf9 && (file[position + 3] & 1) != 0)
            {
                background = file[position + 6];
                file[position + 3] &= 0xfe;
            }
            for (position += 2; position < file.Length && file[position] != 0;)
                position += 1 + file[position];
            position++;
        }
        var entry = palette[Math.Min(3 * background, palette.Length)..];
        return entry.Length < 3 ? default : new RgbColor(entry[0], entry[1], entry[2]);
    }

    private static ReadOnlySpan<byte> PaletteAfter(ReadOnlySpan<byte> file, int position, byte flags)
    {
        const int HasPalette = 0x80;
        var size = (flags & HasPalette) == 0 ? 0 : 3 << ((flags & 7) + 1);
        return position + size > file.Length ? default : file.Slice(position, size);
    }
}
