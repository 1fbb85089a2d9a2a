using System.Globalization;
using System.Text.Json.Nodes;
using EmojiClip;
using Xunit;

namespace AltClip.Docs.Tests;

/// <summary>
/// What the card of altclip-emoji and the page of the sample that trained it say of the recipe is the sample's, and of the run, its log's. The card's scores
/// are held in AltClip.Tests.
/// </summary>
public sealed class EmojiModelNumbersTests
{
    private static readonly string Model = Repository.Path("models", "altclip-emoji");

    private static readonly string Card = File.ReadAllText(Path.Combine(Model, "README.md"));

    private static readonly string Sample = File.ReadAllText(Repository.Path("samples", "EmojiClip", "README.md"));

    private static readonly JsonNode ScoresOfAll = JsonNode.Parse(File.ReadAllText(Path.Combine(Model, "scores.json")))!;

    private static readonly string[][] Log = [.. File.ReadLines(Path.Combine(Model, "training-log.csv")).Skip(1).Select(line => line.Split(','))];

    [Fact]
    public void PicturesArePerturbedAsTold() => new Statement(
        "(rotation to {} degrees, scale by {} %, shift by {} %, brightness, contrast and saturation by {} %, channels by {} of 255, one in {} grey, one in {} on white and the others "
        + "on another background, JPEG of quality {}; fixed seeds)",
        Perturbation.Turn, Percent(Perturbation.Scaling), Percent(Perturbation.Shift), Percent(Perturbation.Tone), Perturbation.Channel, Perturbation.PicturesPerGrey,
        Perturbation.PicturesPerWhite, Perturbation.JpegQuality).AssertHolds();

    [Fact]
    public void PicturesAreVariedAsTold() => new Statement(
        "pictures are turned to {} degrees, down to {} % of their size, and on", PictureAugmentation.WideTurn, Percent(PictureAugmentation.LeastSize)).AssertHolds();

    [Fact]
    public void ConditionsHaveTheirRows() => Assert.All(Condition.All, condition => Assert.Contains($"\n| {condition.Name} | ", Card));

    [Fact]
    public void SizesAreThose()
    {
        new Statement("`ARTIST.zip` | {}x{} PNG pictures on white", Sprite.Side, Sprite.Side).AssertHolds();
        new Statement("`rsvg-convert -w {} -h {} -b white`", Sprite.Side, Sprite.Side).AssertHolds();
        var patches = Math.Pow(32 / Architecture.Config().VisionConfig.PatchSize, 2);
        new Statement("take 32x32 pictures, {} patches in place of {};", patches, 4 * patches).AssertHolds();
        Assert.Equal(2 * 32, Architecture.PictureSide);
    }

    [Fact]
    public void EverydayWordsAreAsMany()
    {
        var words = EverydayWords.Everyday.Distinct().Count();
        new Statement("Everyday words, each alone: {} that are a keyword", words).AssertHolds();
        new Statement("A picture is asked for one of its words among the {},", words).AssertHolds();
        new Statement("`EverydayWords`: {} words, each alone", words).AssertHolds();
    }

    [Fact]
    public void AsManyPicturesAreMeasured()
    {
        new Statement("What each stage added, on {} fixed pictures of trained artists", Recipe.MeasuredPictures).AssertHolds();
        new Statement("on the log's {} fixed pictures of trained artists", Recipe.MeasuredPictures).AssertHolds();
    }

    [Theory]
    [InlineData("pictures of 32x32, to learned points in place of names", "prototypes-32")]
    [InlineData("pictures of 48x48", "prototypes-48")]
    [InlineData("pictures of 64x64", "prototypes-64")]
    [InlineData("English texts", "english-texts")]
    [InlineData("English, both encoders", "english")]
    [InlineData("teacher learning", "teacher")]
    [InlineData("contrastive, image encoder frozen", "contrastive")]
    [InlineData("image encoder again, towards the names", "polish")]
    [InlineData("words, image encoder locked", "words")]
    [InlineData("pictures turned, small and on dark colours, image encoder alone", "views")]
    [InlineData("pictures by artists that there are not, image encoder alone", "styles")]
    [InlineData("the same once more, with all strength (shipped)", "styles-again")]
    public void StagesAddedWhatTheLogSays(string row, string phase)
    {
        var steps = Log.Where(line => line[1] == phase).Max(line => int.Parse(line[2], CultureInfo.InvariantCulture));
        // What wasn't measured is left empty.
        Assert.Contains($"\n| {row} | {steps:N0} | {Scores(phase, steps)} |\n".Replace("|  |", "| |").Replace("|  |", "| |"), Card);
    }

    [Fact]
    public void TheMeanIsThatOfTheLog() => Assert.Contains($"\n| mean with the weights before | | {Scores("words-share", 50)} |\n", Card);

    [Theory]
    [InlineData("0, before the stage", "words", 0)]
    [InlineData("0.4", "words-share", 40)]
    [InlineData("0.5 (ships)", "words-share", 50)]
    [InlineData("0.6", "words-share", 60)]
    [InlineData("0.8", "words-share", 80)]
    [InlineData("1", "words-share", 100)]
    public void SharesOfWordsGaveWhatTheLogSays(string row, string phase, int step) => Assert.Contains(
        $"\n| {row} | {English(phase, step, "trained")} | {English(phase, step, "held-out")} | {Score(phase, step, "trained words of pictures top-5")} | "
        + $"{Score(phase, step, "trained pictures of words top-5")} | {Languages(phase, step)} |\n", Sample);

    /// <summary>What the stages of views and of styles began with were the scores of models that aren't here any more.</summary>
    [Fact]
    public void TheLastStagesEndedWithTheseScores()
    {
        string Trained(int condition) => Percent(ScoresOfAll["conditions"]![Condition.All[condition].Name]!["trained artists"]!["top1"]!);
        string Artist(string name) => Percent(ScoresOfAll["artists"]![name]!["top1"]!);
        new Statement(
            $"{Condition.All[1].Name} 69.5 to {{}}, half the size 21.3 to {{}}, on a dark colour 92.5 to {{}}, on black 91.8 to {{}}, all of these together 9.9 to {{}}; and of perturbed "
            + "pictures 83.7 to {}, of EmojiOne's 41.8 to {}. The stage of styles alone raised that of OpenMoji's from 31.5 to {}.",
            Trained(1), Trained(2), Trained(3), Trained(4), Trained(5), Percent(ScoresOfAll["languages"]!["en"]!["top1"]!), Artist("emojione"), Artist("openmoji")).AssertHolds();
    }

    [Fact]
    public void LossesAreTheLogs()
    {
        var chance = Math.Round(Math.Log(NumberTests.Emoji(ScoresOfAll)), 1);
        new Statement("the recipe's first 200 steps bring its loss from {} ({} is chance) to {}.", Loss(20), chance, Loss(200)).AssertHolds();
        new Statement("at step 400 of 32-pixel pictures the loss is {} where", Loss(400)).AssertHolds();
    }

    /// <summary>The run's minutes, from the log's first line to the last of the stages that one run had, and the last stage's.</summary>
    [Fact]
    public void MinutesAreTheLogs()
    {
        double Minutes(Func<string, bool> isOne)
        {
            var times = Log.Where(line => isOne(line[1])).Select(line => DateTime.Parse(line[0], CultureInfo.InvariantCulture)).ToList();
            return Math.Round((times.Max() - times.Min()).TotalMinutes);
        }
        new Statement("{} minutes from the first step to the last, on two", Minutes(phase => phase is not ("words" or "words-share" or "views" or "styles" or "styles-again"))).AssertHolds();
        new Statement("in {} minutes on two cores of Zen 5", Minutes(phase => phase == "views")).AssertHolds();
        new Statement("in {} and {} minutes on such two, that of artists", Minutes(phase => phase == "styles"), Minutes(phase => phase == "styles-again")).AssertHolds();
    }

    /// <summary>The scores that a row of the card has, what wasn't measured then left empty.</summary>
    private static string Scores(string phase, int step) => $"{English(phase, step, "trained")} | {English(phase, step, "held-out")} | {Languages(phase, step)}";

    private static string English(string phase, int step, string pictures)
    {
        // Before there are texts, pictures are held against points.
        var top = new[] { "top-1", "top-5" }.Select(top => Score(phase, step, $"{pictures} en {top}") + Score(phase, step, $"{pictures} {top}")).ToArray();
        return top[0].Length == 0 ? "" : string.Join(" / ", top);
    }

    private static string Languages(string phase, int step) => string.Join(" | ", Recipe.Judged.Select(language => Score(phase, step, $"trained {language} top-1")));

    private static string Score(string phase, int step, string measure) => Value(phase, step, measure) is { } share ? $"{100 * share:F1}" : "";

    private static string Loss(int step) => $"{Value("prototypes-32", step, "loss")!:F1}";

    /// <summary>A value of the log as it is written there, so that halves are rounded alike.</summary>
    private static decimal? Value(string phase, int step, string measure) => Log.SingleOrDefault(line => line[1] == phase && line[2] == $"{step}" && line[3] == measure) is { } line
        ? decimal.Parse(line[4], CultureInfo.InvariantCulture) : null;

    private static string Percent(JsonNode share) => $"{100 * (double)share:F1}";

    private static double Percent(float share) => Math.Round(100 * share, 1);
}
