using System.Text.Json;
using AltClip.Tests;
using AltClip.Training.Data;
using AltClip.Training.Evaluation;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Training.Tests;

[Collection(nameof(ProcessWide))]
public sealed class RetrievalEvaluationTests(EvaluationPipeline shared) : IClassFixture<EvaluationPipeline>
{
    private static readonly CaptionedImage[] Examples =
    [
        .. ((string[])["x_cat.jpg", "x_dog.jpg", "x_man.jpg", "x_woman.jpg", "x_rat.jpg", "0.jpg", "1.jpeg", "15.jpg", "dog.jpeg", "image.png"]).Select((name, i) =>
            new CaptionedImage(ImageSource.FromFile(TestData.Path("images", "real", name)), [.. Enumerable.Range(0, 1 + i % 5).Select(n => $"第{n}个 {name} {i * n}")])),
    ];

    [Fact]
    public void RanksAreCountedAsByHand()
    {
        // Similarity of text and picture is the text's number at the picture's place.
        using var images = eye(3);
        using var texts = tensor(new float[,] { { 9, 1, 2 }, { 1, 5, 2 }, { 6, 5, 1 }, { 3, 7, 7 } });
        var report = RetrievalEvaluation.Score(images, texts, [0, 0, 1, 2]);
        // Texts by picture 0: 0, 2, 3, 1, its own are 0 and 1. By 1: 3, then 1 and 2 with the same score, its own is 2. By 2: 3, its own.
        Assert.Equal(2.0 / 3, report.TextRetrieval.R1);
        Assert.Equal(1, report.TextRetrieval.R5);
        // Text 0 finds picture 0. 1 wants 0 and finds it last, 2 wants 1 and finds it second, 3 wants 2, as near as 1, which comes first.
        Assert.Equal(1.0 / 4, report.ImageRetrieval.R1);
        Assert.Equal((2.0 / 3 + 1 + 1 + 1.0 / 4 + 1 + 1) / 6, report.MeanRecall, 1e-12);
        Assert.Equal((3, 4), (report.Images, report.Texts));
    }

    [Fact]
    public void LargeSetsAreRankedAsByAPlainSort() => LiveTensors.AssertUnchanged(() =>
    {
        using var scope = NewDisposeScope();
        manual_seed(4);
        // Whole numbers, so that there are ties.
        var (images, texts) = (randint(-2, 3, [60, 6]).to(float32), randint(-2, 3, [210, 6]).to(float32));
        int[] owner = [.. Enumerable.Range(0, 210).Select(i => i * 7 % 60)];
        var report = RetrievalEvaluation.Score(images, texts, owner);
        var (pictures, captions) = (images.ToRows(), texts.ToRows());
        double Score(int image, int text) => pictures[image].Zip(captions[text], (a, b) => (double)a * b).Sum();
        var byPicture = Enumerable.Range(0, 60).Select(image =>
            Enumerable.Range(0, 210).OrderByDescending(text => Score(image, text)).ToList().FindIndex(text => owner[text] == image)).ToList();
        var byText = Enumerable.Range(0, 210).Select(text =>
            Enumerable.Range(0, 60).OrderByDescending(image => Score(image, text)).ToList().IndexOf(owner[text])).ToList();
        Recalls Expected(List<int> ranks) => new((double)ranks.Count(r => r < 1) / ranks.Count, (double)ranks.Count(r => r < 5) / ranks.Count, (double)ranks.Count(r => r < 10) / ranks.Count)
        {
            MeanRank = ranks.Average() + 1,
            MedianRank = (int)Math.Floor(ranks.Order().Skip(ranks.Count / 2 - 1).Take(2).Average()) + 1,
        };
        Assert.Equal(Expected(byPicture), report.TextRetrieval);
        Assert.Equal(Expected(byText), report.ImageRetrieval);
        // In blocks of two pictures and of eight texts, and the last ones smaller.
        Assert.Equal(report.ToString(), RetrievalEvaluation.Score(images, texts, owner, scoresAtATime: 500, default).ToString());
        Assert.Throws<OperationCanceledException>(() => RetrievalEvaluation.Score(images, texts, owner, new CancellationToken(canceled: true)));
    });

    [Fact]
    public async Task PicturesAndCaptionsAreRankedAsOneByOne()
    {
        var report = await RetrievalEvaluation.RunAsync(shared.Pipeline, Examples);
        var captions = Examples.SelectMany((example, i) => example.Captions.Select(caption => (Text: shared.Text(caption), Owner: i))).ToList();
        var pictures = Examples.Select(example => shared.Picture(example.Image)).ToList();
        static double Cosine(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();
        var byPicture = pictures.Select((picture, i) => captions.OrderByDescending(caption => Cosine(caption.Text, picture)).ToList().FindIndex(caption => caption.Owner == i)).ToList();
        var byText = captions.Select(caption =>
            Enumerable.Range(0, pictures.Count).OrderByDescending(i => Cosine(pictures[i], caption.Text)).ToList().IndexOf(caption.Owner)).ToList();
        Assert.Equal((10, 30), (report.Images, report.Texts));
        Assert.Equal(byPicture.Count(rank => rank < 5) / 10.0, report.TextRetrieval.R5);
        Assert.Equal(byPicture.Count(rank => rank < 10) / 10.0, report.TextRetrieval.R10);
        Assert.Equal(byText.Count(rank => rank < 1) / 30.0, report.ImageRetrieval.R1);
        Assert.Equal(byText.Count(rank => rank < 5) / 30.0, report.ImageRetrieval.R5);
    }

    [Fact]
    public async Task UnreadablePicturesAndTheirCaptionsDontCount()
    {
        CaptionedImage[] examples = [.. Examples[..3], new(ImageSource.FromBytes(new byte[9], "broken.jpg"), ["x", "y"]), Examples[4]];
        await Assert.ThrowsAsync<ImageException>(() => RetrievalEvaluation.RunAsync(shared.Pipeline, examples));
        var report = await RetrievalEvaluation.RunAsync(shared.Skipping, examples);
        var without = await RetrievalEvaluation.RunAsync(shared.Pipeline, [.. examples.Where(example => example.Image.Name != "broken.jpg")]);
        Assert.Equal("broken.jpg", Assert.Single(report.Skipped).Name);
        Assert.Equal(without.ToString(), report.ToString());
    }

    [Fact]
    public async Task CancellingLeavesNoTensors()
    {
        var before = LiveTensors.Count();
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RetrievalEvaluation.RunAsync(shared.Pipeline, Examples, new CancelAtOnce(stop), stop.Token));
        await RetrievalEvaluation.RunAsync(shared.Pipeline, Examples[..2]);
        await ZeroShotEvaluation.RunAsync(shared.Pipeline, [new(Examples[0].Image, 0)], ZeroShotPrompts.Create(["a"]));
        Assert.Equal(before, LiveTensors.Count());
    }

    [Fact]
    public async Task BadInputIsRefused()
    {
        using var two = eye(2);
        Assert.Contains("picture 2", Assert.Throws<ArgumentException>("imageOfText", () => RetrievalEvaluation.Score(two, two, [0, 2])).Message);
        Assert.Contains("Picture 1 has no text", Assert.Throws<ArgumentException>("imageOfText", () => RetrievalEvaluation.Score(two, two, [0, 0])).Message);
        Assert.Throws<ArgumentException>("textEmbeds", () => RetrievalEvaluation.Score(two, two, [0]));
        await Assert.ThrowsAsync<ArgumentException>("examples", () => RetrievalEvaluation.RunAsync(shared.Pipeline, []));
        await Assert.ThrowsAsync<ArgumentException>("examples", () => RetrievalEvaluation.RunAsync(shared.Pipeline, [Examples[0] with { Captions = [] }]));
    }

    [Fact]
    public void TheReportIsATableAndJson()
    {
        var report = new RetrievalReport(new(0.5, 0.75, 1), new(0.25, 0.5, 0.75), 4, 20, []);
        Assert.Equal("""
                             queries    R@1    R@5    R@10   mean
            picture to text        4  50.00  75.00  100.00  75.00
            text to picture       20  25.00  50.00   75.00  50.00
            mean recall                                     62.50

            """.ReplaceLineEndings("\n"), report.ToString());
        using var json = JsonDocument.Parse(report.ToJson());
        Assert.Equal(0.75, json.RootElement.GetProperty("text_retrieval_recall@5").GetDouble());
        Assert.Equal(0.625, json.RootElement.GetProperty("mean_recall").GetDouble());
    }

    private sealed class CancelAtOnce(CancellationTokenSource stop) : IProgress<int>
    {
        public void Report(int value) => stop.Cancel();
    }
}
