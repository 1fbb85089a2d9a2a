using Xunit;

namespace AltClip.Tests;

/// <summary>The trained model that ships: <c>models/altclip-emoji</c>.</summary>
public sealed class EmojiModelTests
{
    private static readonly string Folder = Path.GetFullPath(TestData.Path("..", "..", "models", "altclip-emoji"));

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
}
