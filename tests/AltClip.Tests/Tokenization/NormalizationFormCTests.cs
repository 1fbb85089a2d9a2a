using AltClip.Tokenization;
using Xunit;

namespace AltClip.Tests;

/// <summary>Cases of UAX #15: composition, order of marks, what blocks, what is never composed, Hangul.</summary>
public sealed class NormalizationFormCTests
{
    [Theory]
    [InlineData("plain text", "plain text")]
    [InlineData("e\u0301", "\u00E9")]
    [InlineData("\u212B", "\u00C5")]
    [InlineData("D\u0307\u0323", "\u1E0C\u0307")]
    [InlineData("a\u0328\u0301\u0300", "\u0105\u0301\u0300")]
    [InlineData("e\u0300\u0301", "\u00E8\u0301")]
    [InlineData("a\u0301\u0301", "\u00E1\u0301")]
    [InlineData("\u0344", "\u0308\u0301")]
    [InlineData("\u09DC", "\u09A1\u09BC")]
    [InlineData("\u1100\u1161\u11A8", "\uAC01")]
    [InlineData("\uAC01", "\uAC01")]
    [InlineData("\uAC1C", "\uAC1C")]
    [InlineData("\uD7A3\u0301", "\uD7A3\u0301")]
    [InlineData("\uAC00\u11A8", "\uAC01")]
    [InlineData("\uAC00\u11A7", "\uAC00\u11A7")]
    [InlineData("\U0001D15E", "\U0001D157\U0001D165")]
    [InlineData("\U00011099\U000110BA", "\U0001109A")]
    [InlineData("\uF900", "\u8C48")]
    public void Normalizes(string text, string expected) => Assert.Equal(expected, NormalizationFormC.Normalize(text));

    [Fact]
    public void ALoneSurrogateBecomesReplacementCharacter() => Assert.Equal("\uFFFDx", NormalizationFormC.Normalize("\uDC00x"));
}
