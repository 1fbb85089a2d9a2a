namespace AltClip.Imaging;

/// <summary>How a stored picture has to be turned to stand upright.</summary>
/// <param name="Transposed">Whether stored rows are the upright picture's columns.</param>
/// <param name="ColumnsMirrored">Whether the stored columns run from the last to the first.</param>
/// <param name="RowsMirrored">Whether the stored rows run from the last to the first.</param>
internal readonly record struct ImageOrientation(bool Transposed, bool ColumnsMirrored, bool RowsMirrored)
{
    /// <summary>The meaning of an EXIF orientation; any value but 2 to 8 leaves the picture as it is stored.</summary>
    public static ImageOrientation FromExif(int value) => value is < 1 or > 8
        ? default
        : new(Transposed: value >= 5, ColumnsMirrored: value is 2 or 3 or 7 or 8, RowsMirrored: value is 3 or 4 or 6 or 7);
}
