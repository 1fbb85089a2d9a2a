namespace AltClip.Imaging.Formats;

/// <summary>Cameras' raw files, some of which start as TIFF.</summary>
internal static class CameraRaw
{
    /// <summary>Whether a file is a raw file by its first bytes.</summary>
    public static bool IsRaw(ReadOnlySpan<byte> file) =>
        (file.StartsWith("II*\0"u8) || file.StartsWith("MM\0*"u8)) && file.Length > 10 && file[8..].StartsWith("CR"u8)
        || file.StartsWith("FUJIFILMCCD-RAW"u8) || file.StartsWith("IIRO"u8) || file.StartsWith("IIRS"u8) || file.StartsWith("MMOR"u8)
        || file.StartsWith("IIU\0"u8) || HeifBrands.HasAny(file, "crx "u8, "crx "u8);
}
