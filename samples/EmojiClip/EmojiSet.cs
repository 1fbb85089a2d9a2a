using System.IO.Compression;
using SkiaSharp;

namespace EmojiClip;

/// <summary>An emoji's name and keywords in one language.</summary>
internal sealed record Caption(string Name, string[] Keywords);

/// <summary>One emoji as one artist drew it.</summary>
/// <param name="Emoji">Its place among the emoji.</param>
/// <param name="Artist">The artist's zip file, without its extension.</param>
/// <param name="Sprite">The picture.</param>
internal sealed record Drawing(int Emoji, string Artist, Sprite Sprite);

/// <summary>The folder of emoji: <c>emoji.tsv</c>, <c>names/LANGUAGE.tsv</c> and a zip of pictures an artist.</summary>
internal sealed class EmojiSet
{
    private EmojiSet(string[] codes, string[] categories, Dictionary<string, Caption?[]> captions, Drawing[] drawings)
    {
        (Codes, Categories, Captions, Drawings) = (codes, categories, captions, drawings);
        English = [.. captions["en"].Select(caption => caption!)];
    }

    /// <summary>The emoji's code points.</summary>
    public string[] Codes { get; }

    /// <summary>Each emoji's category.</summary>
    public string[] Categories { get; }

    /// <summary>What each language calls each emoji; null where it has no name for it.</summary>
    public Dictionary<string, Caption?[]> Captions { get; }

    /// <summary>What English calls each.</summary>
    public Caption[] English { get; }

    /// <summary>All pictures.</summary>
    public Drawing[] Drawings { get; }

    public static EmojiSet Load(string folder)
    {
        var rows = File.ReadLines(Path.Combine(folder, "emoji.tsv")).Skip(1).Select(line => line.Split('\t')).ToList();
        string[] codes = [.. rows.Select(row => row[0])];
        var places = codes.Index().ToDictionary(code => code.Item, code => code.Index);
        var captions = Directory.EnumerateFiles(Path.Combine(folder, "names"), "*.tsv").Order(StringComparer.Ordinal)
            .ToDictionary(file => Path.GetFileNameWithoutExtension(file), file => ReadCaptions(file, places));
        Drawing[] drawings = [.. Directory.EnumerateFiles(folder, "*.zip").Order(StringComparer.Ordinal).SelectMany(file => ReadArtist(file, places))];
        return new EmojiSet(codes, [.. rows.Select(row => row[2])], captions, drawings);
    }

    private static Caption?[] ReadCaptions(string file, Dictionary<string, int> places)
    {
        var captions = new Caption?[places.Count];
        foreach (var row in File.ReadLines(file).Select(line => line.Split('\t')))
        {
            if (!places.TryGetValue(row[0], out var place)) throw new InvalidDataException($"{file} names the emoji {row[0]}, which emoji.tsv doesn't have.");
            captions[place] = new Caption(row[1], row[2].Split('|', StringSplitOptions.RemoveEmptyEntries));
        }
        return captions;
    }

    private static IEnumerable<Drawing> ReadArtist(string file, Dictionary<string, int> places)
    {
        using var zip = ZipFile.OpenRead(file);
        foreach (var entry in zip.Entries)
        {
            using var content = entry.Open();
            using var bitmap = SKBitmap.Decode(content) ?? throw new InvalidDataException($"{file}: {entry.FullName} is no picture.");
            yield return new Drawing(places[Path.GetFileNameWithoutExtension(entry.Name)], Path.GetFileNameWithoutExtension(file), Sprite.CutOut(bitmap));
        }
    }
}
