using AltClip.Tests;
using AltClip.Tests.Hub;

namespace AltClip.Faults.Scenarios;

/// <summary>What all commands read: two small models, pictures with captions, and a server that has a model as the Hub has it.</summary>
internal sealed class ScenarioInputs : IDisposable
{
    private const int CopiesOfPicture = 3;
    private const long ShardSize = 60_000;

    private readonly TemporaryFolder _folder = new();

    public ScenarioInputs(string data)
    {
        SmallModel.Write(data, Model);
        SmallModel.Write(data, OtherModel, seed: 1, ShardSize);
        Directory.CreateDirectory(Pictures);
        List<string> lines = ["image\tcaption"];
        foreach (var picture in Directory.GetFiles(Path.Combine(data, "emoji"), "*.png").Order(StringComparer.Ordinal))
        {
            for (var i = 0; i < CopiesOfPicture; i++)
            {
                var name = $"{i}-{Path.GetFileName(picture)}";
                File.Copy(picture, Path.Combine(Pictures, name));
                lines.Add($"{name}\t{Path.GetFileNameWithoutExtension(picture)} {i}");
            }
        }
        File.WriteAllLines(Captions, lines);
        Hub.Add(Model);
    }

    public string Model => _folder.File("model");

    /// <summary>Other weights of the same shapes, in shards.</summary>
    public string OtherModel => _folder.File("other-model");

    public string Pictures => _folder.File("pictures");

    public string Captions => _folder.File("captions.tsv");

    public FakeHub Hub { get; } = new();

    public void Dispose()
    {
        Hub.Dispose();
        _folder.Dispose();
    }
}
