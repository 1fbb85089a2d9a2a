using AltClip.Shared;

namespace AltClip.Imaging.Formats;

/// <summary>Says what a file is that is of none of the formats that are read, by its first bytes.</summary>
internal static class OtherFormats
{
    private const string AddMagick = "add the package AltClip.Imaging.Magick and call MagickDecoders.Register(), or convert it to PNG or JPEG";
    private const string Convert = "convert it to PNG or JPEG";
    private const int TextPrefix = 512;

    /// <summary>The format's name, where there is need what it is, and what to do; null if it is not known.</summary>
    public static string? Describe(ReadOnlySpan<byte> file) => Picture(file) ?? OtherThan(file);

    private static string? Picture(ReadOnlySpan<byte> file)
    {
        if (CameraRaw.IsRaw(file))
            return "a camera's raw file, some of which start as TIFF: develop it, and give it as JPEG or PNG";
        if (file.StartsWith("II*\0"u8) || file.StartsWith("MM\0*"u8) || file.StartsWith("II+\0"u8) || file.StartsWith("MM\0+"u8))
            return $"TIFF, as scanners write it: {AddMagick}";
        if (HeifBrands.IsAvif(file))
            return $"AVIF, as browsers take it: {AddMagick}";
        if (HeifBrands.IsHeic(file))
            return $"HEIC, as iPhones write it: {AddMagick}";
        if (file.StartsWith<byte>([0, 0, 0, 12, (byte)'J', (byte)'X', (byte)'L', (byte)' ']) || file.StartsWith<byte>([0xff, 0x0a]))
            return $"JPEG XL: {Convert}";
        if (file.StartsWith<byte>([0, 0, 0, 12, (byte)'j', (byte)'P', (byte)' ', (byte)' ']) || file.StartsWith<byte>([0xff, 0x4f, 0xff, 0x51]))
            return $"JPEG 2000: {Convert}";
        if (file.Length > 2 && file[0] == 'P' && file[1] is >= (byte)'1' and <= (byte)'7' && file[2] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')
            return $"PPM, or another of Netpbm's: {Convert}";
        if (file.StartsWith<byte>([0, 0, 1, 0]) && file.Length > 22)
            return $"ICO, an icon: {Convert}";
        if (file.StartsWith<byte>([0, 0, 2, 0]) && file.Length > 22 && file[9] == 0 && file[5] == 0 && !IsTga(file))
            return $"CUR, a pointer of Windows: {Convert}";
        if (file.StartsWith("qoif"u8))
            return $"QOI: {Convert}";
        if (file.StartsWith("8BPS"u8))
            return $"PSD, of Photoshop: {Convert}";
        if (file.StartsWith("DDS "u8))
            return $"DDS: {Convert}";
        if (file.StartsWith<byte>([1, 0xda]))
            return $"SGI: {Convert}";
        if (file.Length > 128 && file[0] == 10 && file[1] <= 5 && file[2] == 1 && file[3] is 1 or 2 or 4 or 8)
            return $"PCX: {Convert}";
        return IsTga(file) ? $"TGA: {Convert}" : null;
    }

    private static string? OtherThan(ReadOnlySpan<byte> file)
    {
        if (HeifBrands.HasBrands(file))
            return "MP4, a film: give pictures of it";
        if (file.StartsWith("%PDF-"u8))
            return "PDF, a document: convert its pages to PNG";
        if (FileKind.IsGitLfsPointer(file))
            return "a Git LFS pointer, which stands for the file: run 'git lfs pull' to get it";
        if (file.StartsWith<byte>([0x1f, 0x8b]) || file.StartsWith("PK\x03\x04"u8))
            return "an archive: unpack it";
        return Markup(file);
    }

    private static string? Markup(ReadOnlySpan<byte> file)
    {
        var text = System.Text.Encoding.Latin1.GetString(file[..Math.Min(TextPrefix, file.Length)]).TrimStart('\u00ef', '\u00bb', '\u00bf', ' ', '\r', '\n', '\t');
        if (!text.StartsWith('<'))
            return null;
        if (text.Contains("<svg", StringComparison.OrdinalIgnoreCase))
            return "SVG, a drawing: convert it to PNG";
        return text.Contains("<html", StringComparison.OrdinalIgnoreCase) || text.Contains("<!doctype html", StringComparison.OrdinalIgnoreCase)
            ? "HTML, a web page: whoever saved it may have got an error instead of the picture"
            : null;
    }

    // TGA has no signature: its header's numbers have to fit each other.
    private static bool IsTga(ReadOnlySpan<byte> file)
    {
        if (file.Length < 18)
            return false;
        var (hasPalette, kind, depth) = (file[1], file[2], file[16]);
        var (width, height) = (file[12] | file[13] << 8, file[14] | file[15] << 8);
        return hasPalette <= 1 && kind is 1 or 2 or 3 or 9 or 10 or 11 && (hasPalette == 1) == kind is 1 or 9
            && depth is 8 or 15 or 16 or 24 or 32 && width > 0 && height > 0 && (file[17] & 0xc0) == 0;
    }
}
