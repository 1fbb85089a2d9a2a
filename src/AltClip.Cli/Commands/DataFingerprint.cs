using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using AltClip.Training.Data;
using AltClip.Training.Evaluation;

namespace AltClip.Cli.Commands;

/// <summary>Tells the data of training runs apart, wherever they lie.</summary>
internal static class DataFingerprint
{
    /// <summary>A hash of the contents of tables of captions, or of the names and lengths of shards.</summary>
    /// <param name="data">The tables or the shards, as the command takes them.</param>
    /// <exception cref="IOException">A file can't be read.</exception>
    public static string Of(string data)
    {
        var files = Files(data);
        // One table is its contents' hash, as checkpoints have it.
        if (files is [var table] && !IsShard(table)) return Convert.ToHexStringLower(Contents(table));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in files) hash.AppendData(IsShard(file) ? Encoding.UTF8.GetBytes(NameAndLength(file)) : Contents(file));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>A hash of texts with translations, as they were read.</summary>
    public static string Of(ParallelTexts pairs) => TextsFingerprint.Of(pairs.SelectMany(pair => new[] { pair.Source, pair.Target }));

    /// <summary>
    /// A hash of captions, as they were read, with the names and lengths of pictures' files; of shards, which hold both, how many examples were read.
    /// </summary>
    /// <exception cref="IOException">A picture isn't there any more.</exception>
    public static string Of(IReadOnlyList<CaptionedImage> examples) => examples is WebDataset
        ? string.Create(CultureInfo.InvariantCulture, $"{examples.Count} of shards")
        : TextsFingerprint.Of(examples.SelectMany(example => example.Captions.Prepend(Picture(example.Image, example.Captions.Count))));

    /// <summary>A hash of classes and of the names and lengths of their pictures' files.</summary>
    /// <exception cref="IOException">A picture isn't there any more.</exception>
    public static string Of(LabelledImages images) => TextsFingerprint.Of(images.Classes.Concat(images.Select(image => Picture(image.Image, image.Label))));

    /// <summary>The file of a picture with a number that is the example's. One that lies in the table is among the table's contents.</summary>
    private static string Picture(ImageSource image, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{number}\n{(image.Fetch is null ? NameAndLength(image.Name) : "")}");

    private static IReadOnlyList<string> Files(string data) => File.Exists(data) ? [data] : [.. BracePattern.Expand(data)];

    private static bool IsShard(string file) => file.EndsWith(".tar", StringComparison.OrdinalIgnoreCase);

    private static string NameAndLength(string file) => string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(file)}\n{new FileInfo(file).Length}\n");

    private static byte[] Contents(string file)
    {
        using var stream = File.OpenRead(file);
        return SHA256.HashData(stream);
    }
}
