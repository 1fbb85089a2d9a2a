using System.Formats.Tar;
using System.Text;
using AltClip.Tests;
using AltClip.Training.Data;
using AltClip.Training.Evaluation;
using Xunit;

namespace AltClip.Training.Tests;

/// <summary>WebDataset shards with classes, babel-imagenet's lists, and lists of a name a line.</summary>
[Collection(nameof(ProcessWide))]
public sealed class LabelledSourcesTests(EvaluationPipeline shared) : IClassFixture<EvaluationPipeline>, IDisposable
{
    private static readonly byte[] Picture = TestPictures.Jpeg(20, 16);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ShardsHavePicturesWithTheNumbersOfTheirClasses()
    {
        var cat = File.ReadAllBytes(TestData.Path("images", "real", "x_cat.jpg"));
        Write("0.tar", ("s0.cls", "2"u8.ToArray()), ("s0.jpg", cat), ("s1.jpg", Picture), ("s1.cls", "0\n"u8.ToArray()));
        Write("1.tar", ("s2.webp", cat), ("s2.json", "{}"u8.ToArray()), ("s2.cls", "1"u8.ToArray()));
        var images = LabelledImages.FromShards(_folder.File("{0..1}.tar"), ["a", "b", "c"]);
        Assert.Equal([2, 0, 1], images.Select(image => image.Label));
        Assert.Equal(["a", "b", "c"], images.Classes);
        Assert.Equal($"{_folder.File("1.tar")}: s2", images[2].Image.Name);
        Assert.Equal(["0", "1", "2"], LabelledImages.FromShards(_folder.File("{0..1}.tar")).Classes);
        Assert.Equal(shared.Picture(ImageSource.FromBytes(cat)), shared.Picture(images[0].Image));
        var report = await ZeroShotEvaluation.RunAsync(shared.Pipeline, images, ZeroShotPrompts.Create(images.Classes));
        Assert.Equal([1L, 1, 1], report.Classes.Select(own => own.Count));
        Write("other.tar", ("s2.json", "{}"u8.ToArray()), ("s2.webp", cat), ("s2.cls", "1"u8.ToArray()));
        ReplacedFile.By(_folder.File("1.tar"), File.ReadAllBytes(_folder.File("other.tar")));
        Assert.Contains("1.tar was replaced", Assert.ThrowsAny<IOException>(() => images[2].Image.Kept()).Message);
    }

    [Theory]
    [InlineData("cat", "its .cls is no number of a class, from 0")]
    [InlineData("-1", "its .cls is no number of a class, from 0")]
    [InlineData("", "its .cls is no number of a class, from 0")]
    [InlineData("3", "its class is 3; expected 0 to 2")]
    [InlineData(null, " has no class; expected .cls")]
    public void ShardsWithoutAClassAreRefusedByKey(string? label, string expected)
    {
        (string, byte[])[] members = [("x/s0.jpg", Picture), ("x/s1.jpg", Picture), ("x/s1.cls", "1"u8.ToArray())];
        Write("0.tar", label is null ? members : [("x/s0.cls", Encoding.UTF8.GetBytes(label)), .. members]);
        var error = Assert.Throws<DataSetException>(() => LabelledImages.FromShards(_folder.File("0.tar"), ["a", "b", "c"]));
        var problem = Assert.Single(error.Problems);
        Assert.StartsWith($"{_folder.File("0.tar")}: x/s0", problem);
        Assert.EndsWith(expected, problem);
    }

    [Fact]
    public async Task OfBabelImageNetPicturesOfOtherClassesDontCount()
    {
        File.WriteAllText(_folder.File("babel.json"), """{"EN": [[0, 1, 2, 3], ["tench", "crane", "hen", "crane"]], "DE": [[3, 1], ["Kran", "Kranich"]]}""");
        File.WriteAllText(_folder.File("prompts.json"), """{"EN": ["a photo of a {}"], "DE": ["ein Foto von {}"]}""");
        var prompts = ZeroShotPrompts.FromFiles(_folder.File("babel.json"), _folder.File("prompts.json"), "de");
        Assert.Equal([3, 1], prompts.Labels!);
        Assert.Equal(["ein Foto von Kran"], prompts.Sentences[0]);
        Assert.Equal([3, 1], prompts.WithTemplates(["{c}"]).Labels!);
        var english = ZeroShotPrompts.FromFiles(_folder.File("babel.json"), null, "EN");
        Assert.Equal(["tench", "crane", "hen", "crane"], english.Classes);

        LabelledImage[] images = [.. new[] { 0, 1, 3, 3, 2 }.Select((label, i) => new LabelledImage(ImageSource.FromBytes(Picture, $"{i}"), label))];
        var report = await ZeroShotEvaluation.RunAsync(shared.Pipeline, images, prompts);
        Assert.Equal([("Kran", 2L), ("Kranich", 1L)], report.Classes.Select(own => (own.Name, own.Count)));
        Assert.Equal(5, (await ZeroShotEvaluation.RunAsync(shared.Pipeline, images, english)).Count);
        await Assert.ThrowsAsync<ArgumentException>("images", () => ZeroShotEvaluation.RunAsync(shared.Pipeline, images[..1], prompts));
    }

    [Theory]
    [InlineData("[[0, 0], [\"a\", \"b\"]]", "it has the label 0 2 times")]
    [InlineData("[[0], [\"a\", \"b\"]]", "it has 1 label for 2 names of classes")]
    [InlineData("[[0, -1], [\"a\", \"b\"]]", "the label 1 of its classes is -1")]
    [InlineData("[[0, \"1\"], [\"a\", \"b\"]]", "the label 1 of its classes is \"1\"")]
    [InlineData("[[0, 1], [\"a\", 1]]", "where a list of texts is expected")]
    public void ListsThatArentBabelImageNetsAreRefused(string list, string expected)
    {
        File.WriteAllText(_folder.File("x.json"), $"{{\"XX\": {list}}}");
        Assert.Contains(expected, Assert.Throws<DataSetException>(() => ZeroShotPrompts.FromFiles(_folder.File("x.json"), dataSet: "XX")).Message);
    }

    [Fact]
    public void ListsMayHaveANameOrATemplateALine()
    {
        File.WriteAllText(_folder.File("classnames.txt"), "tench\r\ngold \"fish\"\r\n");
        File.WriteAllText(_folder.File("zeroshot_classification_templates.txt"), "a photo of a {c}.\na {c}");
        var prompts = ZeroShotPrompts.FromFiles(_folder.File("classnames.txt"), _folder.File("zeroshot_classification_templates.txt"));
        Assert.Equal(["a photo of a gold \"fish\".", "a gold \"fish\""], prompts.Sentences[1]);
        File.WriteAllText(_folder.File("gap.txt"), "a\n\nb\n");
        Assert.Contains("line 2 is blank", Assert.Throws<DataSetException>(() => ZeroShotPrompts.FromFiles(_folder.File("gap.txt"))).Message);
    }

    private void Write(string name, params (string Name, byte[] Bytes)[] members)
    {
        using var tar = new TarWriter(File.Create(_folder.File(name)), TarEntryFormat.Ustar);
        foreach (var (file, bytes) in members)
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, file) { DataStream = new MemoryStream(bytes) });
    }
}
