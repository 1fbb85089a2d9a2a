using System.Formats.Tar;
using AltClip.Cli;
using AltClip.Training.Data;

namespace AltClip.Fuzz.Readers;

/// <summary>What reads tar shards, and the inputs of <c>altclip embed</c>.</summary>
internal static class ShardReaders
{
    public static IEnumerable<(string Name, Func<FuzzTarget> Create)> All(Seeds seeds) =>
    [
        ("webdataset", () => new("", [.. Shards(seeds)], ReadShard)),
        ("embed-pictures", () => new("", [.. Shards(seeds)], folder => ReadInputs(folder, texts: false))),
        ("embed-texts", () => new("", [.. Lists(seeds)], folder => ReadInputs(folder, texts: true))),
    ];

    private static void ReadShard(string folder)
    {
        var shard = Directory.GetFiles(folder)[0];
        foreach (var example in WebDataset.Open(shard, new() { SkipProblems = true }))
        {
            if (example.Captions.Count == 0) throw new InvalidOperationException("An example has no caption.");
        }
        WebDataset.Open(shard);
    }

    private static void ReadInputs(string folder, bool texts)
    {
        var source = InputSources.Open([Directory.GetFiles(folder)[0]], new InputOptions { Texts = texts })[0];
        if (source.Ids().Count() != source.Read(0, source.Count).Count()) throw new InvalidOperationException("There are more ids than inputs, or fewer.");
    }

    private static IEnumerable<FuzzSeed> Shards(Seeds seeds) =>
        ((TarEntryFormat[])[TarEntryFormat.V7, TarEntryFormat.Ustar, TarEntryFormat.Pax, TarEntryFormat.Gnu])
            .Select(format => seeds.Written($"a shard in {format}", folder => WriteShard(Path.Combine(folder, "00000.tar"), seeds.At("images", "files", "size-2x3.png"), format)));

    private static void WriteShard(string path, string picture, TarEntryFormat format)
    {
        using var file = File.Create(path);
        using var tar = new TarWriter(file, format);
        // Long names are written in other ways.
        foreach (var key in (string[])["0000", "some-folder/0001", format == TarEntryFormat.V7 ? "0002" : new string('n', 90) + "/" + new string('m', 90)])
        {
            Write(tar, format, $"{key}.png", File.ReadAllBytes(picture));
            Write(tar, format, key == "0000" ? $"{key}.txt" : $"{key}.json", key == "0000" ? "a dog"u8.ToArray() : """{"caption":["a dog","a cat"]}"""u8.ToArray());
        }
    }

    private static void Write(TarWriter tar, TarEntryFormat format, string name, byte[] content)
    {
        using var data = new MemoryStream(content);
        tar.WriteEntry(format switch
        {
            TarEntryFormat.V7 => new V7TarEntry(TarEntryType.V7RegularFile, name) { DataStream = data },
            TarEntryFormat.Ustar => new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = data },
            TarEntryFormat.Pax => new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = data },
            _ => new GnuTarEntry(TarEntryType.RegularFile, name) { DataStream = data },
        });
    }

    private static IEnumerable<FuzzSeed> Lists(Seeds seeds) =>
    [
        seeds.Of("a list of texts", ("texts.jsonl", "{\"id\":\"1\",\"text\":\"a dog\"}\n{\"id\":2,\"text\":\"a cat\"}\n\"a bird\"\n"u8.ToArray())),
        seeds.Of("a table of texts", ("texts.csv", "id,text\n1,\"a dog, two\"\n2,a cat\n2,\"a \"\"bird\"\"\"\n"u8.ToArray())),
        seeds.Of("lines", ("texts.tsv", "id\ttext\n1\ta dog\n2\ta cat\n"u8.ToArray())),
    ];
}
