using System.Collections;
using AltClip.Imaging;
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
    private static readonly string[] ImageNames = ["image", "file_name", "filepath", "image_path", "file"];
    private static readonly string[] LabelNames = ["label", "class", "target"];

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
        if (classes.Length == 0) throw new DataSetException(folder, "it is empty; expected a folder for each class");
        PictureFiles[] listings = [.. classes.Select(name => new PictureFiles(Path.Combine(folder, name)))];
        var unreadable = listings.SelectMany(listing => listing.Failures).Select(failure => $"{failure.Path}: {failure.Error}").ToList();
        if (unreadable.Count > 0) throw new DataSetException(folder, $"{unreadable.Count} folders can't be read", unreadable);
        var examples = listings.Select((listing, label) => listing.Files.Select(file => new LabelledImage(ImageSource.FromFile(file), label)).ToList()).ToList();
        var empty = classes.Where((_, label) => examples[label].Count == 0).ToList();
        if (empty.Count > 0) throw new DataSetException(folder, $"{empty.Count} of {classes.Length} classes have no picture", empty);
        return new LabelledImages(classes, [.. examples.SelectMany(own => own)]);
    }

    /// <summary>Reads a list of pictures with their classes.</summary>
    /// <param name="path">The list, in UTF-8.</param>
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
            path, options, [options.ImageColumn is { } image ? [image] : ImageNames, options.LabelColumn is { } label ? [label] : LabelNames], problems);
        var folder = options.ImageFolder ?? Path.GetDirectoryName(Path.GetFullPath(path))!;
        // Two classes of ImageNet have one name in some languages: a list that says it doesn't say which.
        var named = classes?.Select((name, place) => (name, place)).ToLookup(pair => pair.name, pair => pair.place);
        var places = named?.Where(same => same.Count() == 1).ToDictionary(same => same.Key, same => same.Single());
        var expected = places is null ? "its number, from 0" : $"one of the {places.Count} given";
        var examples = new List<LabelledImage>();
        foreach (var row in rows)
        {
            if (row.Cells is not [[{ Length: > 0 } file], [var name]])
                problems.Add($"line {row.Line}: expected a picture and a class");
            else if (places is null ? int.TryParse(name, out var place) && place >= 0 : places.TryGetValue(name, out place))
                examples.Add(new LabelledImage(ImageSource.FromFile(Path.Combine(folder, file)), place));
            else if (named?.Contains(name) == true)
                problems.Add($"line {row.Line}: the classes {string.Join(" and ", named[name])} are called '{name}'; expected a name of one class, or a list with the classes' numbers, which is read without names");
            else
                problems.Add($"line {row.Line}: the class is '{name}'; expected {expected}");
        }
        if (problems.Count > 0) throw new DataSetException(path, $"{problems.Count} lines are malformed", problems);
        if (examples.Count == 0) throw new DataSetException(path, "it is empty; expected a picture at least");
        var missing = examples.Select(example => example.Image.Name).Where(file => !File.Exists(file)).ToList();
        if (missing.Count > 0) throw new MissingImagesException(path, missing);
        return new LabelledImages(
            classes ?? [.. Enumerable.Range(0, examples.Max(example => example.Label) + 1).Select(number => number.ToString())], examples);
    }

    /// <inheritdoc/>
    public IEnumerator<LabelledImage> GetEnumerator() => _examples.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
