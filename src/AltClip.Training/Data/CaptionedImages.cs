using System.Collections;

namespace AltClip.Training.Data;

/// <summary>How <see cref="CaptionedImages.FromFile"/> reads.</summary>
public sealed record CaptionedImagesOptions : TableOptions
{
    /// <summary>The folder that paths of pictures are relative to; null for the folder of the caption file.</summary>
    public string? ImageFolder { get; init; }

    /// <summary>The column of the pictures' paths; null for the first there is of image, file_name, filepath, image_path, file.</summary>
    public string? ImageColumn { get; init; }

    /// <summary>The columns of captions, each one more caption; null for the first there is of caption, captions, text, title.</summary>
    public IReadOnlyList<string>? CaptionColumns { get; init; }

    /// <summary>Whether malformed lines, and those without a caption (none, an empty one, null or a number), are left out, instead of <see cref="DataSetException"/>.</summary>
    public bool SkipProblems { get; init; }
}

/// <summary>Pictures with captions from a TSV, CSV, JSON Lines or Parquet file, which in Parquet may have the pictures' bytes too.</summary>
/// <remarks>
/// A picture may have several captions: in rows of its own, in several columns, or as a list in JSON. Pictures come in the order in which
/// they are
/// first named.
/// </remarks>
public sealed class CaptionedImages : IReadOnlyList<CaptionedImage>, IShards
{
    private static readonly string[] CaptionNames = ["caption", "captions", "text", "title"];

    private readonly List<CaptionedImage> _examples;

    private CaptionedImages(List<CaptionedImage> examples, IReadOnlyList<string> problems) => (_examples, Problems, Groups) = (examples, problems, [examples.Count]);

    /// <summary>The lines that were left out, by number, with what is wrong; empty without <see cref="CaptionedImagesOptions.SkipProblems"/>.</summary>
    public IReadOnlyList<string> Problems { get; }

    // Where pictures lie in row groups, how many in each.
    private IReadOnlyList<int> Groups { get; set; }

    /// <summary>How many pictures there are.</summary>
    public int Count => _examples.Count;

    /// <summary>A picture with its captions.</summary>
    /// <param name="index">Its place, from 0.</param>
    public CaptionedImage this[int index] => _examples[index];

    /// <summary>Reads the captions, and sees that all pictures are there. The pictures themselves are read when they are needed.</summary>
    /// <param name="path">The caption file; texts in UTF-8.</param>
    /// <param name="options">Format, columns, folder; null for the defaults.</param>
    /// <exception cref="IOException">The file can't be read.</exception>
    /// <exception cref="ArgumentException">The format can't be told from the file's extension.</exception>
    /// <exception cref="MissingImagesException">Pictures are not there; the exception lists all of them.</exception>
    /// <exception cref="DataSetException">A column is not there, lines are malformed or have no caption, or there is no picture at all.</exception>
    public static CaptionedImages FromFile(string path, CaptionedImagesOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new();
        var problems = new List<string>();
        IReadOnlyList<TableColumn> captions =
            options.CaptionColumns is { } columns ? [.. columns.Select(name => new TableColumn([name], IsText: true))] : [new(CaptionNames, IsText: true)];
        if (captions.Count == 0) throw new ArgumentException("CaptionColumns is empty; expected one column at least.", nameof(options));
        var rows = TableFile.Read(path, options, [TableColumn.Images(options.ImageColumn), .. captions], problems);
        var folder = options.ImageFolder ?? Path.GetDirectoryName(Path.GetFullPath(path))!;
        var whole = new List<(TableRow Row, string Image)>();
        foreach (var row in rows)
        {
            var image = row.ImagePath(folder);
            var captioned = row.Cells.Skip(1).SelectMany(cell => cell).Any(caption => !string.IsNullOrWhiteSpace(caption));
            if (image is null) problems.Add($"{row.Place}: no picture, or more than one");
            if (!captioned) problems.Add($"{row.Place}: no caption");
            if (image is not null && captioned) whole.Add((row, image));
        }
        if (!options.SkipProblems || whole.Count == 0) DataSetException.ThrowIfMalformed(path, "line", problems);
        var own = whole.Where(pair => pair.Row.Image is not null).ToDictionary(pair => pair.Image, pair => pair.Row.Image);
        var all = FromCaptions(path, whole.SelectMany(pair => pair.Row.Cells.Skip(1).SelectMany(cell => cell)
            .Where(caption => !string.IsNullOrWhiteSpace(caption)).Select(caption => (pair.Image, caption))),
            name => own.TryGetValue(name, out var image) ? image : File.Exists(name) ? ImageSource.FromFile(name) : null, problems);
        if (own.Count == all.Count) all.Groups = [.. whole.GroupBy(pair => pair.Row.Group).Select(group => group.Count())];
        return all;
    }

    /// <inheritdoc/>
    public IEnumerator<CaptionedImage> GetEnumerator() => _examples.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    IReadOnlyList<int> IShards.ShardSizes => Groups;

    /// <summary>Joins the captions of each picture, where pictures are files.</summary>
    internal static CaptionedImages FromCaptions(string dataSet, IEnumerable<(string File, string Caption)> captions) =>
        FromCaptions(dataSet, captions, file => File.Exists(file) ? ImageSource.FromFile(file) : null);

    /// <summary>Joins the captions of each picture.</summary>
    internal static CaptionedImages FromCaptions(
        string dataSet, IEnumerable<(string Image, string Caption)> captions, Func<string, ImageSource?> find,
        IReadOnlyList<string>? problems = null)
    {
        var byImage = new OrderedDictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var (image, caption) in captions)
        {
            if (!byImage.TryGetValue(image, out var own)) byImage.Add(image, own = []);
            own.Add(caption);
        }
        if (byImage.Count == 0) throw new DataSetException(dataSet, "it is empty; expected a picture with a caption at least");
        var found = byImage.Select(pair => (pair.Key, Image: find(pair.Key), Captions: pair.Value)).ToList();
        var missing = found.Where(example => example.Image is null).Select(example => example.Key).ToList();
        if (missing.Count > 0) throw new MissingImagesException(dataSet, missing);
        return new CaptionedImages([.. found.Select(example => new CaptionedImage(example.Image!, example.Captions))], problems ?? []);
    }
}
