using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Xunit;

namespace AltClip.Tests;

/// <summary>The trained model that ships: <c>models/altclip-emoji</c>.</summary>
public sealed partial class EmojiModelTests
{
    internal static readonly string Folder = Path.GetFullPath(TestData.Path("..", "..", "models", "altclip-emoji"));

    /// <summary>How the card calls what <c>scores.json</c> has.</summary>
    private static readonly Dictionary<string, string> Scored = new()
    {
        ["Fluent 3D"] = "fluent-3d",
        ["Fluent flat"] = "fluent-flat",
        ["Noto"] = "noto",
        ["Twemoji"] = "twemoji",
        ["Firefox OS"] = "fxemoji",
        ["Noto, first version"] = "noto-v1",
        ["Streamline"] = "streamline",
        ["EmojiOne 2 (**held out**)"] = "emojione",
        ["OpenMoji 17 (**held out**)"] = "openmoji",
        ["English"] = "en",
        ["Chinese"] = "zh",
        ["Arabic"] = "ar",
        ["French"] = "fr",
        ["Hindi"] = "hi",
        ["Japanese"] = "ja",
        ["Swahili"] = "sw",
    };

    /// <summary>The card's rows of everyday words, with their places in scores.json.</summary>
    private static readonly Dictionary<string, (string Question, string Artists)> Words = new()
    {
        ["word of a picture, trained artists"] = ("wordsOfPictures", "trained artists"),
        ["word of a picture, EmojiOne 2"] = ("wordsOfPictures", "emojione"),
        ["word of a picture, OpenMoji"] = ("wordsOfPictures", "openmoji"),
        ["picture of a word, trained artists"] = ("picturesOfWords", "trained artists"),
        ["picture of a word, EmojiOne 2"] = ("picturesOfWords", "emojione"),
        ["picture of a word, OpenMoji"] = ("picturesOfWords", "openmoji"),
    };

    private static readonly string[] Pictures = ["pizza", "rocket", "dog-face", "cactus", "guitar", "red-apple", "penguin", "volcano"];

    [Theory]
    [InlineData("pizza", "rocket", "dog face", "cactus", "guitar", "red apple", "penguin", "volcano")]
    [InlineData("披萨", "火箭", "狗脸", "仙人掌", "吉他", "红苹果", "企鹅", "火山")]
    [InlineData("بيتزا", "صاروخ", "وجه كلب", "صبار", "غيتار", "تفاح أحمر", "بطريق", "بركان")]
    [InlineData("pizza", "fusée", "tête de chien", "cactus", "guitare", "pomme rouge", "pingouin", "volcan")]
    [InlineData("पिज़्ज़ा स्लाइस", "रॉकेट, वाहन", "कुत्ते का चेहरा", "कैक्टस", "गिटार", "लाल सेब, सेवफल, लाल, फल", "पेंग्विन", "ज्वालामुखी")]
    [InlineData("ピザ", "ロケット", "イヌの顔", "サボテン", "ギター", "赤リンゴ", "ペンギン", "火山")]
    [InlineData("piza", "roketi", "uso wa mbwa", "dungusi kakati", "gita", "tufaha jekundu", "pengwini", "volkano")]
    public void NamesEmojiInSevenLanguages(params string[] names)
    {
        using var pipeline = AltCLIPPipeline.FromPretrained(Folder);
        var found = Pictures.Select(picture => pipeline.Classify(ImageSource.FromFile(TestData.Path("emoji", picture + ".png")), names)[0].Label);
        Assert.Equal(names, found);
    }

    [Fact]
    public void IsSmallEnoughToShip()
    {
        var bytes = Directory.EnumerateFiles(Folder).Sum(file => new FileInfo(file).Length);
        Assert.InRange(bytes, 1, 15_000_000);
    }

    [Fact]
    public void SaysWhatItIs()
    {
        using var processor = AltCLIPProcessor.FromPretrained(Folder);
        Assert.Equal(AltCLIPConfig.FromPretrained(Folder).TextConfig.VocabSize, processor.Tokenizer.VocabSize);
        var card = File.ReadAllText(Path.Combine(Folder, "README.md"));
        foreach (var license in new[] { "Apache-2.0", "CC-BY 4.0", "MIT", "Unicode-3.0" }) Assert.Contains(license, card);
    }

    [Fact]
    public void TheCardsScoresAreThoseThatWereMeasured()
    {
        var scores = JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, "scores.json")))!;
        var card = File.ReadAllText(Path.Combine(Folder, "README.md"));
        var rows = Row().Matches(card);
        Assert.Equal([.. Scored.Keys.Concat(Words.Keys).Order()], rows.Select(row => row.Groups["name"].Value).Order());
        Assert.All(rows, row =>
        {
            var name = row.Groups["name"].Value;
            var score = Words.TryGetValue(name, out var words)
                ? scores[words.Question]![words.Artists]! : scores["artists"]![Scored[name]] ?? scores["languages"]![Scored[name]]!;
            Assert.Equal(($"{(double)score["top1"]!:P1}", $"{(double)score["top5"]!:P1}"), (row.Groups["top1"].Value, row.Groups["top5"].Value));
        });

        string Pair(JsonNode score) => $"{(double)score["top1"]!:P1}, {(double)score["top5"]!:P1}";
        Assert.All(scores["conditions"]!.AsObject(), condition => Assert.Contains(
            $"| {condition.Key} | {string.Join(" | ", new[] { "trained artists", "emojione", "openmoji" }.Select(artist => Pair(condition.Value![artist]!)))} |", card));

        var languages = scores["languages"]!.AsObject().Select(language => (Name: language.Key, Top1: (double)language.Value!["top1"]!))
            .OrderByDescending(language => language.Top1).ToList();
        string Listed(IEnumerable<(string Name, double Top1)> some) => string.Join(", ", some.Select(language => $"{language.Name} {language.Top1:P1}"));
        Assert.Contains(
            $"Best of all {languages.Count}: {Listed(languages.Take(8))}. Worst: {Listed(languages.TakeLast(8))}. "
            + $"Their mean is {languages.Average(language => language.Top1):P1}.", card);
        double Top1(string name) => languages.Single(language => language.Name == name).Top1;
        var six = new[] { "zh", "ar", "fr", "hi", "ja", "sw" }.Average(Top1);
        Assert.Contains($"| mean of the six | {six:P1}, {six / Top1("en"):P0} of English |", card);
        Assert.Contains(
            $"right for {Top1("en"):P0} of pictures by artists it has seen and for {(double)scores["artists"]!["emojione"]!["top1"]!:P0} and {(double)scores["artists"]!["openmoji"]!["top1"]!:P0} of two it hasn't; "
            + $"for the six other languages judged, {six:P0} on average", File.ReadAllText(TestData.Path("..", "..", "README.md")).Replace("\n> ", " "));
    }

    [GeneratedRegex(@"^\| (?<name>[^|]+) \| (?<top1>[\d.]+ %) \| (?<top5>[\d.]+ %) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
