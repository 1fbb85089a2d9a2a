using System.Text.Json;
using System.Text.RegularExpressions;
using AltClip.Shared;

namespace AltClip.Training.Data;

/// <summary>Reads the published captions of Flickr30k, COCO and their Chinese counterparts, for retrieval or for training.</summary>
public static partial class CaptionFiles
{
    /// <summary>
    /// Reads lines of a picture's name, <c>#</c> and a number, white space, and a caption: Flickr30k's <c>results_20130124.token</c>
    /// (<c>1000092795.jpg#0⇥Two young guys …</c>), Flickr30k-CN's <c>flickr30k_cn_test.txt</c>, COCO-CN's
    /// <c>imageid.human-written-caption.txt</c>
    /// (<c>COCO_val2014_000000000042#0⇥…</c>).
    /// </summary>
    /// <param name="path">The captions, in UTF-8.</param>
    /// <param name="imageFolder">
    /// The folder of the pictures. A name without extension gets <c>.jpg</c>; COCO's are also looked for in its folders <c>train2014</c>
    /// and
    /// <c>val2014</c>.
    /// </param>
    /// <param name="splitFile">
    /// The names of the pictures to take, one a line and with or without extension, such as <c>coco-cn_test.txt</c>; null for all. Pictures
    /// come in
    /// the order of this file.
    /// </param>
    /// <exception cref="MissingImagesException">Pictures are not there; the exception lists all of them.</exception>
    /// <exception cref="DataSetException">
    /// Lines are malformed, pictures of the split have no caption, or there is no picture at all.
    /// </exception>
    public static CaptionedImages FromTokens(string path, string imageFolder, string? splitFile = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentException.ThrowIfNullOrEmpty(imageFolder);
        var (captions, problems) = (new List<(string Name, string Caption)>(), new List<string>());
        foreach (var (number, line) in Lines(path).Index())
        {
            if (string.IsNullOrWhiteSpace(line)) continue;
            if (TokenLine().Match(line) is { Success: true } match)
                captions.Add((match.Groups[1].Value, match.Groups[2].Value.Trim()));
            else
                problems.Add($"line {number + 1}: expected NAME#NUMBER, white space and a caption");
        }
        DataSetException.ThrowIfMalformed(path, "line", problems);
        if (splitFile is not null)
            captions = Split(path, captions, [.. Lines(splitFile).Select(line => line.Trim()).Where(line => line.Length > 0)]);
        return CaptionedImages.FromCaptions(path, captions.Select(pair => (Locate(imageFolder, pair.Name), pair.Caption)));
    }

    /// <summary>Reads a split of Karpathy's JSON: <c>dataset_flickr30k.json</c>, <c>dataset_coco.json</c>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="imageFolder">The folder of the pictures, or of the folders that COCO's <c>filepath</c> names.</param>
    /// <param name="split">The part to take: <c>test</c>, <c>val</c>, <c>train</c>, <c>restval</c>.</param>
    /// <exception cref="MissingImagesException">Pictures are not there; the exception lists all of them.</exception>
    /// <exception cref="DataSetException">The file is not of that form, or the split is empty.</exception>
    public static CaptionedImages FromKarpathy(string path, string imageFolder, string split = "test")
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentException.ThrowIfNullOrEmpty(imageFolder);
        ArgumentNullException.ThrowIfNull(split);
        try
        {
            using var file = File.OpenRead(path);
            using var json = JsonDocument.Parse(file);
            return CaptionedImages.FromCaptions($"{path}, {split}", json.RootElement.GetProperty("images").EnumerateArray()
                .Where(image => image.GetProperty("split").GetString() == split)
                .SelectMany(image => image.GetProperty("sentences").EnumerateArray().Select(sentence => (
                    Locate(imageFolder, Text(image, "filename"), image.TryGetProperty("filepath", out var below) ? below.GetString() : null),
                    Text(sentence, "raw")))).ToList());
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new DataSetException(path, $"not Karpathy's JSON (images with split, filename and sentences with raw): {error.Message}");
        }
    }

    /// <summary>Reads COCO's own captions, such as <c>captions_val2017.json</c>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="imageFolder">The folder of the pictures, or of the folders <c>train2014</c> and <c>val2014</c>.</param>
    /// <exception cref="MissingImagesException">Pictures are not there; the exception lists all of them.</exception>
    /// <exception cref="DataSetException">The file is not of that form, captions are of no picture, or there is none.</exception>
    public static CaptionedImages FromCoco(string path, string imageFolder)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentException.ThrowIfNullOrEmpty(imageFolder);
        try
        {
            using var file = File.OpenRead(path);
            using var json = JsonDocument.Parse(file);
            var names = json.RootElement.GetProperty("images").EnumerateArray()
                .ToDictionary(image => image.GetProperty("id").GetInt64(), image => Text(image, "file_name"));
            var captions = json.RootElement.GetProperty("annotations").EnumerateArray()
                .Select(own => (Image: own.GetProperty("image_id").GetInt64(), Caption: Text(own, "caption").Trim())).ToLookup(own => own.Image, own => own.Caption);
            var unknown = captions.Where(own => !names.ContainsKey(own.Key)).Select(own => $"image_id {own.Key}").ToList();
            if (unknown.Count > 0) throw new DataSetException(path, $"{unknown.Count} captioned pictures are not in its images", unknown);
            return CaptionedImages.FromCaptions(path, names.SelectMany(image => captions[image.Key].Select(caption => (Locate(imageFolder, image.Value), caption))).ToList());
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new DataSetException(path, $"not COCO's captions (images with id and file_name, annotations with image_id and caption): {error.Message}");
        }
    }

    /// <summary>
    /// Reads CLIP_benchmark's retrieval annotations, such as <c>flickr30k_test_karpathy.txt</c>: a header line, then lines of a name ending
    /// in
    /// <c>.jpg</c>, a comma and a caption, which is not quoted and may have commas.
    /// </summary>
    /// <param name="path">The file, in UTF-8.</param>
    /// <param name="imageFolder">The folder of the pictures.</param>
    /// <exception cref="MissingImagesException">Pictures are not there; the exception lists all of them.</exception>
    /// <exception cref="DataSetException">Lines are malformed, or there is no picture at all.</exception>
    public static CaptionedImages FromClipBenchmark(string path, string imageFolder)
    {
        const string Separator = ".jpg,";
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentException.ThrowIfNullOrEmpty(imageFolder);
        var lines = Lines(path).Index().Skip(1).Where(line => !string.IsNullOrWhiteSpace(line.Item)).ToList();
        var problems = lines.Where(line => !line.Item.Contains(Separator))
            .Select(line => $"line {line.Index + 1}: expected NAME.jpg, a comma and a caption").ToList();
        DataSetException.ThrowIfMalformed(path, "line", problems);
        return CaptionedImages.FromCaptions(path, lines.Select(line => (
            Locate(imageFolder, line.Item[..(line.Item.IndexOf(Separator) + 4)]), line.Item[(line.Item.IndexOf(Separator) + Separator.Length)..].Trim())));
    }

    /// <summary>
    /// Reads Chinese-CLIP's form of Flickr30k-CN and COCO-CN: <c>test_texts.jsonl</c> with lines <c>{"text_id": 1, "text": "…", "image_ids": [2]}</c>,
    /// and <c>test_imgs.tsv</c> with lines of a number, a tab, and the picture's file in Base64. The pictures' files are kept in memory.
    /// </summary>
    /// <param name="textsPath">The texts.</param>
    /// <param name="imagesPath">The pictures.</param>
    /// <exception cref="MissingImagesException">Texts name pictures that are not there; the exception lists all numbers.</exception>
    /// <exception cref="DataSetException">Lines are malformed, texts have several pictures, or there is no text at all.</exception>
    public static CaptionedImages FromChineseClip(string textsPath, string imagesPath)
    {
        ArgumentException.ThrowIfNullOrEmpty(textsPath);
        ArgumentException.ThrowIfNullOrEmpty(imagesPath);
        var problems = new List<string>();
        var rows = TableFile.Read(textsPath, new() { Format = TableFormat.JsonLines }, [new(["image_ids"]), new(["text"], IsText: true)], problems);
        problems.AddRange(rows.Where(row => row.Cells is not [[_], [_]]).Select(row => $"{row.Place}: expected one text and one of image_ids"));
        DataSetException.ThrowIfMalformed(textsPath, "line", problems);
        var needed = rows.Select(row => row.Cells[0][0]).ToHashSet();
        var images = new Dictionary<string, ImageSource>();
        foreach (var (number, line) in Lines(imagesPath).Index())
        {
            var tab = line.IndexOf('\t');
            if (tab > 0 && !needed.Contains(line[..tab])) continue;
            if (tab > 0 && FromBase64(line[(tab + 1)..]) is { } bytes)
                images[line[..tab]] = ImageSource.FromBytes(bytes, $"{imagesPath}, {line[..tab]}");
            else
                problems.Add($"line {number + 1}: expected a number, a tab and Base64");
        }
        DataSetException.ThrowIfMalformed(imagesPath, "line", problems);
        return CaptionedImages.FromCaptions(textsPath, rows.Select(row => (row.Cells[0][0], row.Cells[1][0])), images.GetValueOrDefault);
    }

    private static IEnumerable<string> Lines(string path) => Utf8Text.Lines(path, problem => new DataSetException(path, problem));

    [GeneratedRegex(@"^\uFEFF?([^#\s]+)#\S*\s+(\S.*)$")]
    private static partial Regex TokenLine();

    [GeneratedRegex(@"^COCO_(train2014|val2014|test2014|test2015)_")]
    private static partial Regex CocoName();

    private static List<(string, string)> Split(string path, List<(string Name, string Caption)> captions, List<string> names)
    {
        var byName = captions.ToLookup(pair => Stem(pair.Name), pair => pair.Caption);
        var without = names.Where(name => !byName.Contains(Stem(name))).ToList();
        if (without.Count > 0) throw new DataSetException(path, $"{without.Count} pictures of the split have no caption", without);
        return [.. names.SelectMany(name => byName[Stem(name)].Select(caption => (name, caption)))];
    }

    private static string Text(JsonElement owner, string name) => owner.GetProperty(name).GetString() ?? throw new InvalidOperationException($"{name} is null");

    // Either alphabet of Base64.
    private static byte[]? FromBase64(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text.Trim().Replace('-', '+').Replace('_', '/'), bytes, out var count) ? bytes[..count] : null;
    }

    private static string Stem(string name) => Path.GetFileNameWithoutExtension(name);

    private static string Locate(string folder, string name, string? below = null)
    {
        if (!Path.HasExtension(name)) name += ".jpg";
        below ??= CocoName().Match(name) is { Success: true } match ? match.Groups[1].Value : "";
        var nested = Path.Combine(folder, below, name);
        return below.Length > 0 && File.Exists(nested) ? nested : Path.Combine(folder, name);
    }
}
