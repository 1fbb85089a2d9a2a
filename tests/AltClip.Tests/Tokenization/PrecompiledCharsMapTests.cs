using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using AltClip.Tokenization;
using Xunit;

namespace AltClip.Tests;

public class PrecompiledCharsMapTests
{
    private static readonly TextNormalizer Normalizer = new(new PrecompiledCharsMap(Convert.FromBase64String(JsonNode.Parse(
        File.ReadAllBytes(TestData.Path("tokenizer", "converted-pipeline.json")))!["normalizer"]!["normalizers"]![0]!["precompiled_charsmap"]!.GetValue<string>())), []);

    [Theory]
    [InlineData("plain 猫", "plain 猫")]
    [InlineData("ｆｕｌｌ①ﬁ²", "full1fi2")]
    [InlineData("e\u0301", "é")]
    [InlineData("²\u0301", "2")]
    [InlineData("①\u0301x", "1x")]
    [InlineData("™\uFE0F", "TM\uFE0F")]
    [InlineData("a\r\nb\tc", "a b c")]
    [InlineData("\u0001a\u0007", "a")]
    [InlineData("\0a", "\0a")]
    [InlineData("𝒜𝓁", "Al")]
    public void Rules_are_applied_as_the_tokenizers_library_does(string text, string expected)
    {
        Assert.Equal(expected, Normalizer.Normalize(text));
    }

    [Fact]
    public void A_lone_surrogate_has_the_rule_of_the_replacement_character()
    {
        Assert.Equal(" 2 ", Normalizer.Normalize("\uD800²\uDC00\u0301"));
    }

    /// <summary>
    /// Long texts are normalised in runs. That must give what the definition gives: clusters one by one, those of six bytes and more
    /// code point by code point.
    /// </summary>
    [Fact]
    public void Runs_give_what_clusters_give_one_by_one()
    {
        string[] units =
        [
            "a", "e", "1", " ", "é", "²", "①", "ﬁ", "ｆ", "猫", "™", "©", "ก", "\u0E31", "\u0E33", "ไ", "क", "\u094D", "\u093F", "\u0958",
            "\u0301", "\u0308", "\u05B0", "\u064B", "\u20E3", "\uFE0F", "\u200D", "\u200B", "\u00AD", "\r", "\n", "\u0001", "\0",
            "\u0600", "\u08E2", "\u0D4E", "\U000110BD", "\U0001193F", "ᄀ", "ᅡ", "ᆨ", "가", "각", "\uFF9E", "ｶ", "𝒜", "😀", "🇫", "\uD800", "\uDC00",
        ];
        var random = new Random(11);
        for (int i = 0; i < 20_000; i++)
        {
            string text = string.Concat(Enumerable.Range(0, 1 + random.Next(12)).Select(_ => units[random.Next(units.Length)]));
            string wellFormed = string.Concat(text.EnumerateRunes());
            var expected = new StringBuilder();
            for (int at = 0; at < wellFormed.Length;)
            {
                string cluster = StringInfo.GetNextTextElement(wellFormed, at);
                at += cluster.Length;
                if (Encoding.UTF8.GetByteCount(cluster) < 6)
                    expected.Append(Normalizer.Normalize(cluster));
                else
                    expected.AppendJoin("", cluster.EnumerateRunes().Select(rune => Normalizer.Normalize(rune.ToString())));
            }
            Assert.Equal(expected.ToString(), Normalizer.Normalize(text));
        }
    }
}
