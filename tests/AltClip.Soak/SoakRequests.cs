namespace AltClip.Soak;

/// <summary>The calls that are made: texts and pictures, alone and several together, and what no model can encode.</summary>
internal static class SoakRequests
{
    private const int MostInputs = 6;
    private const int CallsOfKind = 24;

    /// <summary>Calls that give a result.</summary>
    public static IReadOnlyList<SoakRequest> Good(string data)
    {
        string[] texts = [.. File.ReadLines(Path.Combine(data, "tokenizer", "lines.txt")).Where(line => line.Length > 0).Take(200)];
        ImageSource[] pictures =
        [
            .. Directory.GetFiles(Path.Combine(data, "emoji"), "*.png").Concat(Directory.GetFiles(Path.Combine(data, "cc0"), "*.jpg"))
                .Order(StringComparer.Ordinal).Select(path => ImageSource.FromBytes(File.ReadAllBytes(path), Path.GetFileName(path))),
        ];
        var random = new Random(0);
        return
        [
            .. Enumerable.Range(0, CallsOfKind).Select(i => Text($"texts {i}", Some(texts, 1 + (i % MostInputs), random))),
            .. Enumerable.Range(0, CallsOfKind).Select(i => Pictures($"pictures {i}", Some(pictures, 1 + (i % 3), random))),
        ];
    }

    /// <summary>Calls that are refused, some after good inputs of the same call.</summary>
    public static IReadOnlyList<SoakRequest> Bad(string data)
    {
        var picture = File.ReadAllBytes(Path.Combine(data, "emoji", "penguin.png"));
        var good = ImageSource.FromBytes(picture, "good");
        return
        [
            Text("a text that is null", ["a dog", "a cat", null!]) with { Error = typeof(ArgumentException) },
            Pictures("a picture cut short", [good, ImageSource.FromBytes(picture.AsMemory(0, picture.Length / 2), "cut")]) with { Error = typeof(ImageException) },
            Pictures("no picture", [good, good, ImageSource.FromBytes("no picture"u8.ToArray(), "text")]) with { Error = typeof(ImageException) },
            Pictures("a file that is missing", [good, ImageSource.FromFile(Path.Combine(data, "missing.png"))]) with { Error = typeof(FileNotFoundException) },
        ];
    }

    private static T[] Some<T>(T[] all, int count, Random random) => [.. Enumerable.Range(0, count).Select(_ => all[random.Next(all.Length)])];

    private static SoakRequest Text(string name, string[] texts) => new(name, texts.Length, (pipeline, cancel) => pipeline.EmbedText(texts, cancel));

    private static SoakRequest Pictures(string name, ImageSource[] pictures) => new(name, pictures.Length, (pipeline, cancel) => pipeline.EmbedImages(pictures, cancel));
}
