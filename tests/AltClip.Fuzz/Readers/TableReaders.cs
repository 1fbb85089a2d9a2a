using System.Text;
using AltClip.Training.Data;

namespace AltClip.Fuzz.Readers;

/// <summary>What reads pictures with their captions from tables.</summary>
internal static class TableReaders
{
    public static IEnumerable<(string Name, Func<FuzzTarget> Create)> All(Seeds seeds) =>
    [
        ("captions", () => new("", [.. Tables(seeds)], folder => CaptionedImages.FromFile(Directory.GetFiles(folder, "captions.*")[0]))),
        ("karpathy", () => new("", [Table(seeds, "dataset.json", """{"images":[{"filename":"1.jpg","split":"test","sentences":[{"raw":"a dog"},{"raw":"a cat"}]}]}""")], folder => CaptionFiles.FromKarpathy(Path.Combine(folder, "dataset.json"), folder), Changes: IsTable)),
        ("coco", () => new("", [Table(seeds, "captions.json", """{"images":[{"id":1,"file_name":"1.jpg"}],"annotations":[{"image_id":1,"id":2,"caption":"a dog"}]}""")], folder => CaptionFiles.FromCoco(Path.Combine(folder, "captions.json"), folder), Changes: IsTable)),
    ];

    private static IEnumerable<FuzzSeed> Tables(Seeds seeds) =>
    [
        Table(seeds, "captions.tsv", "image\tcaption\n1.jpg\ta dog\n2.jpg\t\"a \"\"cat\"\"\"\n"),
        Table(seeds, "captions.csv", "filepath,title\n1.jpg,\"a dog, two\"\n2.jpg,一只猫\n"),
        Table(seeds, "captions.jsonl", "{\"image\":\"1.jpg\",\"caption\":\"a dog\"}\n{\"image\":\"2.jpg\",\"caption\":[\"a\",\"b\"]}\n"),
    ];

    // The pictures have to be there for what is read after them.
    private static FuzzSeed Table(Seeds seeds, string name, string text) => seeds.Of(name, (name, Encoding.UTF8.GetBytes(text)), ("1.jpg", []), ("2.jpg", []));

    private static bool IsTable(string name) => !name.EndsWith(".jpg", StringComparison.Ordinal);
}
