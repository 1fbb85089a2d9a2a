using System.Collections;
using System.Globalization;
using System.Text;
using AltClip.Imaging;
using AltClip.Shared;
using AltClip.Training.Data;

namespace AltClip.Training.Evaluation;

/// <summary>A picture and what it shows: an example of classification.</summary>
/// <param name="Image">The picture; it is read when it is needed.</param>
/// <param name="Label">The place of its class in the list of classes, from 0.</param>
public sealed record LabelledImage(ImageSource Image, int Label);

/// <summary>How <see cref="LabelledImages.FromFile"/> reads.</summary>
public sealed record LabelledImagesOptions : TableOptions
{
    /// <summary>The folder that paths of pictures are relative to; null for the folder of the list.</summary>
    public string? ImageFolder { get; init; }

    /// <summary>The column of the pictures' paths; null for the first there is of image, file_name, filepath, image_path, file.</summary>
    public string? ImageColumn { get; init; }

    /// <summary>The column of the classes; null for the first there is of label, class, target.</summary>
    public string? LabelColumn { get; init; }
}

/// <summary>Pictures with their classes, from a folder a class or from a list.</summary>
public sealed class LabelledImages : IReadOnlyList<LabelledImage>
{
    private static readonly string[] LabelNames = ["label", "class", "target"];

    // A .cls that is longer has no number of a class.
    private const int LongestNumber = 16;

    private readonly List<LabelledImage> _examples;

    private LabelledImages(IReadOnlyList<string> classes, List<LabelledImage> examples) => (Classes, _examples) = (classes, examples);

    /// <summary>The classes: the names of the folders, or what the list calls them.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>How many pictures there are.</summary>
    public int Count => _examples.Count;

    /// <summary>A picture with its class.</summary>
    /// <param name="index">Its place, from 0.</param>
    public LabelledImage this[int index] => _examples[index];

    /// <summary>
    /// Takes the pictures of a folder with a folder for each class, however deep below it, as torchvision's <c>ImageFolder</c> does.
    /// </summary>
    /// <param name="folder">The folder. Classes are numbered in the ordinal order of their folders' names.</param>
    /// <exception cref="DataSetException">There is no class, or classes have no picture; all of them are listed.</exception>
    public static LabelledImages FromFolders(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string[] classes = [.. new DirectoryInfo(folder).EnumerateDirectories().Where(own => !PictureFiles.IsHidden(own)).Select(own => own.Name).Order(StringComparer.Ordinal)];
        if (classes.Length == 0) throw new DataSetException(folder, "it has no folder; expected one for each class");
        PictureFiles[] listings = [.. classes.Select(name => new PictureFiles(Path.Combine(folder, name)))];
        var unreadable = listings.SelectMany(listing => listing.Failures).Select(failure => $"{failure.Path}: {failure.Error}").ToList();
        if (unreadable.Count > 0) throw new DataSetException(folder, $"{Quantity.Of(unreadable.Count, "folder")} can't be read", unreadable);
        var examples = listings.Select((listing, label) => listing.Files.Select(file => new LabelledImage(ImageSource.FromFile(file), label)).ToList()).ToList();
        var empty = classes.Where((_, label) => examples[label].Count == 0).ToList();
        if (empty.Count > 0) throw new DataSetException(folder, $"{empty.Count} of {classes.Length} classes have no picture", empty);
        return new LabelledImages(classes, [.. examples.SelectMany(own => own)]);
    }

    /// <summary>
    /// Opens tar shards as the webdataset library writes them for classification: of each example a picture and a <c>.cls</c> with the number of its
    /// class, from 0. Pictures are read when they are needed.
    /// </summary>
    /// <param name="pattern">The shards' path, where <c>{000..012}</c> stands for numbers and <c>{a,b}</c> for choices.</param>
    /// <param name="classes">The names of the classes; null for their numbers.</param>
    /// <param name="cancellationToken">Stops between shards.</param>
    /// <exception cref="ArgumentException">The pattern is malformed.</exception>
    /// <exception cref="DataSetException">
    /// Shards are missing, damaged or compressed; examples have no picture or no number of a class, by their keys; or there are none at all.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static LabelledImages FromShards(string pattern, IReadOnlyList<string>? classes = null, CancellationToken cancellationToken = default)
    {
        var (examples, problems) = (new List<LabelledImage>(), new List<string>());
        foreach (var shard in TarShard.Find(pattern))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var read = new List<(TarMember Image, string Name, int Label)>();
            var stamp = TarShard.Read(shard, problems, found =>
            {
                if (!found.Members.TryGetValue(".cls", out var member))
                    problems.Add($"{found.Name} has no class; expected .cls");
                else if (!int.TryParse(Encoding.ASCII.GetString((member with { Length = Math.Min(member.Length, LongestNumber) }).Read(found.Shard, found.Name)).Trim(), out var label) || label < 0)
                    problems.Add($"{found.Name}: its .cls is no number of a class, from 0");
                else if (label >= classes?.Count)
                    problems.Add($"{found.Name}: its class is {label}; expected 0 to {classes.Count - 1}");
                else
                    read.Add((found.Image, found.Name, label));
            });
            examples.AddRange(read.Select(own => new LabelledImage(ImageSource.FromPart(() => TarShard.Read(shard, stamp, own.Image, own.Name), own.Name), own.Label)));
        }
        DataSetException.ThrowIfMalformed(pattern, "example", problems);
        if (examples.Count == 0) throw new DataSetException(pattern, "it is empty; expected a picture at least");
        return new LabelledImages(classes ?? Numbers(examples), examples);
    }

    /// <summary>Reads a list of pictures with their classes.</summary>
    /// <param name="path">The list: TSV, CSV or JSON Lines in UTF-8, or Parquet, which may have the pictures too.</param>
    /// <param name="classes">The classes as the list calls them, or null where it numbers them from 0.</param>
    /// <param name="options">Format, columns, folder; null for the defaults.</param>
    /// <exception cref="MissingImagesException">Pictures are not there; the exception lists all of them.</exception>
    /// <exception cref="DataSetException">
    /// A column is not there, lines are malformed or name an unknown class, or there is no picture at all.
    /// </exception>
    public static LabelledImages FromFile(string path, IReadOnlyList<string>? classes = null, LabelledImagesOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new();
        var problems = new List<string>();
        var rows = TableFile.Read(
            path, options, [TableColumn.Images(options.ImageColumn), new(options.LabelColumn is { } label ? [label] : LabelNames)], problems);
        var folder = options.ImageFolder ?? Path.GetDirectoryName(Path.GetFullPath(path))!;
        // Two classes of ImageNet have one name in some languages: a list that says it doesn't say which.
        var named = classes?.Select((name, place) => (name, place)).ToLookup(pair => pair.name, pair => pair.place);
        var places = named?.Where(same => same.Count() == 1).ToDictionary(same => same.Key, same => same.Single());
        var expected = places is null ? "its number, from 0" : $"one of the {places.Count} given";
        var examples = new List<LabelledImage>();
        foreach (var row in rows)
        {
            if (row.ImagePath(folder) is not { } file || row.Cells[1] is not [var name])
                problems.Add($"{row.Place}: expected a picture and a class");
            else if (places is null ? int.TryParse(name, out var place) && place >= 0 : places.TryGetValue(name, out place))
                examples.Add(new LabelledImage(row.Image ?? ImageSource.FromFile(file), place));
            else if (named?.Contains(name) == true)
                problems.Add($"{row.Place}: the classes {string.Join(" and ", named[name])} are called '{name}'; expected a name of one class, or a list with the classes' numbers, which is read without names");
            else
                problems.Add($"{row.Place}: the class is '{name}'; expected {expected}");
        }
        DataSetException.ThrowIfMalformed(path, "line", problems);
        if (examples.Count == 0) throw new DataSetException(path, "it is empty; expected a picture at least");
        var missing = examples.Where(example => example.Image.Fetch is null).Select(example => example.Image.Name).Where(file => !File.Exists(file)).ToList();
        if (missing.Count > 0) throw new MissingImagesException(path, missing);
        return new LabelledImages(classes ?? Numbers(examples), examples);
    }

    /// <inheritdoc/>
    public IEnumerator<LabelledImage> GetEnumerator() => _examples.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Those of some classes, with the place in that list for a label.</summary>
    /// <param name="images">The pictures.</param>
    /// <param name="part">The labels of the classes.</param>
    /// <exception cref="ArgumentException">None is of these classes.</exception>
    internal static IReadOnlyList<LabelledImage> Part(IReadOnlyList<LabelledImage> images, IReadOnlyList<int> part)
    {
        var places = part.Index().ToDictionary(label => label.Item, label => label.Index);
        List<LabelledImage> own = [.. images.Where(image => places.ContainsKey(image.Label)).Select(image => image with { Label = places[image.Label] })];
        return own.Count > 0 ? own : throw new ArgumentException($"None of the {images.Count} pictures is of one of the {part.Count} classes.", nameof(images));
    }

    private static IReadOnlyList<string> Numbers(List<LabelledImage> examples) =>
        [.. Enumerable.Range(0, examples.Max(example => example.Label) + 1).Select(number => number.ToString(CultureInfo.InvariantCulture))];
}
