using AltClip.Imaging;

namespace AltClip.Training.Data;

/// <summary>A column that is wanted.</summary>
/// <param name="Names">The names that it may have. The first that is there counts; with other capitals only where none is there as it is.</param>
/// <param name="IsText">Whether a number in JSON or Parquet is no value of it.</param>
internal sealed record TableColumn(IReadOnlyList<string> Names, bool IsText = false)
{
    private static readonly string[] ImageNames = ["image", "file_name", "filepath", "image_path", "file"];

    /// <summary>Whether its values are pictures: their paths, or in Parquet their bytes.</summary>
    public bool IsImage { get; private init; }

    /// <summary>The names that it may have where it has the pictures' bytes.</summary>
    public IReadOnlyList<string> BytesNames { get; private init; } = Names;

    /// <summary>The column of pictures.</summary>
    /// <param name="name">Its name; null for the usual ones.</param>
    public static TableColumn Images(string? name) => name is not null ? new([name]) { IsImage = true } : new(ImageNames)
    {
        IsImage = true,
        BytesNames = ["image", "bytes", "image_bytes", "img", .. ImageFormats.Extensions.Select(extension => extension[1..])],
    };

    /// <summary>The column's place among the names that a table has; -1 if it isn't there.</summary>
    public int PlaceIn(IReadOnlyList<string> found)
    {
        foreach (var capitals in new[] { StringComparison.Ordinal, StringComparison.OrdinalIgnoreCase })
        {
            foreach (var name in Names)
            {
                for (var place = 0; place < found.Count; place++)
                    if (found[place].Equals(name, capitals)) return place;
            }
        }
        return -1;
    }
}
