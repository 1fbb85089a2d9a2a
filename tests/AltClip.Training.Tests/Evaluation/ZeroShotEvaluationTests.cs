using System.Text.Json;
using AltClip.Tests;
using AltClip.Training.Data;
using AltClip.Training.Evaluation;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Training.Tests;

[Collection(nameof(ProcessWide))]
public sealed class ZeroShotEvaluationTests(EvaluationPipeline shared) : IClassFixture<EvaluationPipeline>, IDisposable
{
    private static readonly string[] Classes = ["cat", "dog", "man", "woman", "rat", "猫", "un chien", "a house"];
    private static readonly string[] Templates = ["a photo of a {c}.", "{}", "{}的照片"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ScoresAreCountedAsByHand()
    {
        // Similarities are the embeddings themselves. Picture 0 is right; 1 comes second; 2 ties for the first place with a class before it; 3 ties
        // with one behind it; 4 comes last of seven.
        using var pictures = tensor(new float[,]
        {
            { 9, 1, 2, 3, 4, 5, 6 }, { 8, 7, 1, 2, 3, 4, 5 }, { 1, 6, 6, 2, 3, 4, 5 }, { 1, 6, 6, 2, 3, 4, 5 }, { 1, 2, 3, 4, 5, 6, 0 },
        });
        using var classes = eye(7);
        var report = ZeroShotEvaluation.Score(pictures, classes, [0, 1, 2, 1, 6], ["a", "b", "c", "d", "e", "f", "g"]);
        Assert.Equal((2.0 / 5, 4.0 / 5, (1 + 0.5 + 0 + 0) / 4), (report.Top1, report.Top5, report.MeanPerClass));
        Assert.Equal(new ClassAccuracy("b", 2, 1, 2), report.Classes[1]);
        Assert.Equal(new ClassAccuracy("d", 0, 0, 0), report.Classes[3]);
    }

    [Fact]
    public void AScoreThatIsNoNumberIsWrong()
    {
        using var pictures = tensor(new float[,] { { float.NaN, 1 }, { float.NaN, 1 } });
        using var classes = eye(2);
        Assert.Equal(0, ZeroShotEvaluation.Score(pictures, classes, [0, 1], ["a", "b"]).Top1);
    }

    [Fact]
    public void ManyPicturesAreCountedInBlocks()
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        var (pictures, classes) = (randn(700, 12), randn(30, 12));
        int[] labels = [.. Enumerable.Range(0, 700).Select(i => i * i % 30)];
        var report = ZeroShotEvaluation.Score(pictures, classes, labels, [.. Enumerable.Range(0, 30).Select(i => $"{i}")]);
        var ranks = labels.Select((label, i) => Enumerable.Range(0, 30).OrderByDescending(c => Dot(pictures[i], classes[c])).ToList().IndexOf(label)).ToList();
        Assert.Equal(ranks.Count(rank => rank == 0), report.Classes.Sum(own => own.Top1));
        Assert.Equal(ranks.Count(rank => rank < 5), report.Classes.Sum(own => own.Top5));
    }

    [Fact]
    public async Task PicturesOfFoldersAreClassifiedAsOneByOne()
    {
        string[] files = ["x_cat.jpg", "x_dog.jpg", "x_man.jpg", "x_woman.jpg", "x_rat.jpg", "dog.jpeg", "0.jpg", "1.jpeg"];
        for (var i = 0; i < files.Length; i++)
        {
            Directory.CreateDirectory(_folder.File($"class{i % 4}"));
            File.Copy(TestData.Path("images", "real", files[i]), Path.Combine(_folder.File($"class{i % 4}"), files[i]));
        }
        File.WriteAllText(Path.Combine(_folder.File("class0"), "notes.txt"), "not a picture");
        var images = LabelledImages.FromFolders(_folder.Path);
        Assert.Equal(["class0", "class1", "class2", "class3"], images.Classes);
        Assert.Equal(8, images.Count);
        var report = await ZeroShotEvaluation.RunAsync(shared.Pipeline, images, ZeroShotPrompts.Create(Classes, Templates));

        var classes = Classes.Select(name => Unit(Sum(Templates.Select(template => shared.Text(template.Replace("{c}", name).Replace("{}", name)))))).ToList();
        var ranks = images.Select(image =>
        {
            var own = shared.Picture(image.Image);
            return Enumerable.Range(0, Classes.Length).OrderByDescending(c => classes[c].Zip(own, (a, b) => a * b).Sum()).ToList().IndexOf(image.Label);
        }).ToList();
        Assert.Equal(ranks.Count(rank => rank < 1) / 8.0, report.Top1);
        Assert.Equal(ranks.Count(rank => rank < 5) / 8.0, report.Top5);
        Assert.Equal(2, report.Classes[0].Count);
    }

    [Fact]
    public async Task UnreadablePicturesThrowOrDontCount()
    {
        LabelledImage[] images = [new(ImageSource.FromBytes(new byte[9], "broken.jpg"), 0), new(ImageSource.FromFile(TestData.Path("images", "real", "x_cat.jpg")), 1)];
        var prompts = ZeroShotPrompts.Create(["a", "b"]);
        await Assert.ThrowsAsync<ImageException>(() => ZeroShotEvaluation.RunAsync(shared.Pipeline, images, prompts));
        var report = await ZeroShotEvaluation.RunAsync(shared.Skipping, images, prompts);
        Assert.Equal(1, report.Count);
        Assert.Equal("broken.jpg", Assert.Single(report.Skipped).Name);
    }

    [Fact]
    public void BadLabelsAreRefused()
    {
        using var two = eye(2);
        Assert.Contains("picture 1 is 2", Assert.Throws<ArgumentException>("labels", () => ZeroShotEvaluation.Score(two, two, [0, 2], ["a", "b"])).Message);
        Assert.Throws<ArgumentException>("imageEmbeds", () => ZeroShotEvaluation.Score(two, two, [0], ["a", "b"]));
        Assert.Throws<ArgumentException>("classEmbeds", () => ZeroShotEvaluation.Score(two, two, [0, 1], ["a", "b", "c"]));
    }

    [Fact]
    public void TheReportIsATableAndJson()
    {
        using var two = eye(2);
        var report = ZeroShotEvaluation.Score(two, two, [0, 0], ["猫", "dog"]);
        Assert.Equal("""
            class            pictures  top-1 %  top-5 %
            猫                       2    50.00   100.00
            dog                     0        -        -
            all                     2    50.00   100.00
            mean of classes              50.00

            """.ReplaceLineEndings("\n"), report.ToString());
        using var json = JsonDocument.Parse(report.ToJson());
        Assert.Equal(0.5, json.RootElement.GetProperty("acc1").GetDouble());
        Assert.Equal("猫", json.RootElement.GetProperty("classes")[0].GetProperty("name").GetString());
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("classes")[1].GetProperty("acc1").ValueKind);
    }

    [Fact]
    public void PromptsAreReadAsClipBenchmarkPublishesThem()
    {
        File.WriteAllText(_folder.File("zh_classnames.json"), """{"imagenet1k": ["丁鲷", "金鱼"], "cifar10": ["飞机"]}""");
        File.WriteAllText(_folder.File("zh_templates.json"), """{"imagenet1k": ["{c}的照片。", "一张{c}"], "cifar10": {"飞机": ["天上的飞机"]}}""");
        var prompts = ZeroShotPrompts.FromFiles(_folder.File("zh_classnames.json"), _folder.File("zh_templates.json"), "imagenet1k");
        Assert.Equal(["丁鲷", "金鱼"], prompts.Classes);
        Assert.Equal(["金鱼的照片。", "一张金鱼"], prompts.Sentences[1]);
        Assert.Equal(["天上的飞机"], ZeroShotPrompts.FromFiles(_folder.File("zh_classnames.json"), _folder.File("zh_templates.json"), "cifar10").Sentences[0]);
        File.WriteAllText(_folder.File("list.json"), """["a", "b"]""");
        Assert.Equal(["b"], ZeroShotPrompts.FromFiles(_folder.File("list.json")).Sentences[1]);

        DataSetException Refused(string classes, string? templates = null)
        {
            File.WriteAllText(_folder.File("c.json"), classes);
            if (templates is not null) File.WriteAllText(_folder.File("t.json"), templates);
            return Assert.Throws<DataSetException>(() => ZeroShotPrompts.FromFiles(_folder.File("c.json"), templates is null ? null : _folder.File("t.json"), "x"));
        }
        Assert.Contains("isn't JSON", Refused("[").Message);
        Assert.Contains("expected one of y, z", Refused("""{"y": ["a"], "z": ["b"]}""").Message);
        Assert.Contains("list of texts", Refused("""{"x": [1]}""").Message);
        Assert.Contains("has no {} or {c}", Refused("""["a"]""", """["without"]""").Message);
        Assert.Contains("no sentences for the class 'a'", Refused("""["a"]""", """{"x": {"b": ["c"]}}""").Message);
    }

    [Fact]
    public void ListsNameClassesOrNumberThem()
    {
        File.Copy(TestData.Path("images", "real", "x_cat.jpg"), _folder.File("a.jpg"));
        File.WriteAllText(_folder.File("l.csv"), "image,label\na.jpg,dog\na.jpg,cat\n");
        Assert.Equal([1, 0], LabelledImages.FromFile(_folder.File("l.csv"), ["cat", "dog"]).Select(image => image.Label));
        Assert.Equal(["line 3: the class is 'cat'; expected one of the 1 given"],
            Assert.Throws<DataSetException>(() => LabelledImages.FromFile(_folder.File("l.csv"), ["dog"])).Problems);
        Assert.Equal(2, Assert.Throws<DataSetException>(() => LabelledImages.FromFile(_folder.File("l.csv"))).Problems.Count);
        // Two classes of ImageNet are called crane.
        Assert.Equal([2, 0], LabelledImages.FromFile(_folder.File("l.csv"), ["cat", "crane", "dog", "crane"]).Select(image => image.Label));
        Assert.StartsWith("line 3: the classes 0 and 1 are called 'cat'",
            Assert.Single(Assert.Throws<DataSetException>(() => LabelledImages.FromFile(_folder.File("l.csv"), ["cat", "cat", "dog"])).Problems));
        File.WriteAllText(_folder.File("n.csv"), "image,label\na.jpg,2\nb.jpg,0\n");
        Assert.Equal([_folder.File("b.jpg")], Assert.Throws<MissingImagesException>(() => LabelledImages.FromFile(_folder.File("n.csv"))).MissingImages);
        Directory.CreateDirectory(_folder.File("x"));
        Assert.Equal(["x"], Assert.Throws<DataSetException>(() => LabelledImages.FromFolders(_folder.Path)).Problems);
    }

    private static double Dot(Tensor a, Tensor b) => a.data<float>().Zip(b.data<float>(), (x, y) => (double)x * y).Sum();

    private static double[] Sum(IEnumerable<double[]> vectors) => vectors.Aggregate((a, b) => [.. a.Zip(b, (x, y) => x + y)]);

    private static double[] Unit(double[] vector) => [.. vector.Select(x => x / Math.Sqrt(vector.Sum(y => y * y)))];
}
