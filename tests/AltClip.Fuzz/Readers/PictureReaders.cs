namespace AltClip.Fuzz.Readers;

/// <summary>What reads pictures, and what says how they are prepared.</summary>
internal sealed class PictureReaders(Seeds seeds)
{
    private const int MaxPixels = 4_000_000;

    private readonly CLIPImageProcessor _processor = new(new CLIPImageProcessorConfig { Size = Imaging.ImageSize.Shortest(32), CropSize = Imaging.ImageSize.Exactly(32, 32) });
    private readonly byte[] _picture = File.ReadAllBytes(seeds.At("images", "files", "size-2x3.png"));

    public IEnumerable<(string Name, Func<FuzzTarget> Create)> All(Seeds seeds) =>
    [
        ("processor-config", () => new("", [.. Configs(seeds)], folder => CLIPImageProcessor.FromPretrained(folder), NamesMember: true)),
        ("processor", () => new("", [.. Configs(seeds)], ReadProcessor)),
        ("picture", () => new("", [.. seeds.Files("images/files", "pictures/files")], ReadPicture)),
    ];

    private void ReadProcessor(string folder)
    {
        var processor = CLIPImageProcessor.FromPretrained(folder);
        try
        {
            using var batch = processor.Process(ImageSource.FromBytes(_picture, Path.Combine(folder, "picture")), new() { MaxPixels = MaxPixels });
        }
        catch (ArgumentException e) when (e.ParamName == "options")
        {
            // more than MaxPixels allows, which Process documents
        }
    }

    private void ReadPicture(string folder)
    {
        using var batch = _processor.Process(ImageSource.FromFile(Directory.GetFiles(folder)[0]), new() { MaxPixels = MaxPixels });
    }

    private static IEnumerable<FuzzSeed> Configs(Seeds seeds) => Directory.GetFiles(seeds.At("."), "preprocessor_config.json", SearchOption.AllDirectories)
        .Order(StringComparer.Ordinal).Select(file => seeds.Of(file, ("preprocessor_config.json", File.ReadAllBytes(file))));
}
