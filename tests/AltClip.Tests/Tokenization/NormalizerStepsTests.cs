using AltClip.Tokenization;
using Xunit;

namespace AltClip.Tests;

/// <summary>Steps of normalisers: the text that comes out, and the places that it stands for.</summary>
public sealed class NormalizerStepsTests
{
    [Theory]
    [InlineData(" {2,}", "a  b   c d", "a_b_c d")]
    [InlineData("[0-9]+", "x12y3", "x_y_")]
    [InlineData("[^\\p{L}\\p{N}\\s]", "\U0001E900!a\U0001F600", "\U0001E900_a_")]
    [InlineData("a?b", "abbcab", "__c_")]
    [InlineData("a{2}a", "aaaaa", "_aa")]
    [InlineData("[\\s\\-\\]]", "a b-c]", "a_b_c_")]
    [InlineData("\\P{Lu}+", "ABcdE", "AB_E")]
    public void ExpressionsReplaceWhatTheyFind(string expression, string text, string expected)
    {
        var step = new NormalizerSteps.Replace(ReplacePattern.OfExpression(expression), "_");
        Assert.Equal(expected, new TextNormalizer(null, [step]).Normalize(text));
    }

    [Theory]
    [InlineData("(a)")]
    [InlineData("a|b")]
    [InlineData("^a")]
    [InlineData("a+?")]
    [InlineData("\\w")]
    [InlineData("[[a]b]")]
    [InlineData("\\p{Latin}")]
    [InlineData("a{2")]
    public void OtherExpressionsAreRefusedByName(string expression) =>
        Assert.Contains($"'{expression}'", Assert.Throws<TokenizerException>(() => ReplacePattern.OfExpression(expression)).Message);

    [Theory]
    [InlineData(true, true, "ﬁ①e\u0301", "fi1é")]
    [InlineData(false, true, "ﬁé", "fie\u0301")]
    [InlineData(false, false, "ﬁé", "ﬁe\u0301")]
    [InlineData(false, false, "각", "\u1100\u1161\u11A8")]
    [InlineData(false, false, "개", "\u1100\u1162")]
    [InlineData(false, true, "힣", "\u1112\u1175\u11C2")]
    [InlineData(true, false, "ﬁe\u0301", "ﬁé")]
    public void FormsAreUnicodes(bool composes, bool isCompatible, string text, string expected) =>
        Assert.Equal(expected, new TextNormalizer(null, [new NormalizerSteps.UnicodeForm(composes, isCompatible)]).Normalize(text));

    [Fact]
    public void PlacesStayKnown()
    {
        var text = new NormalizedText();
        new TextNormalizer(null, [new NormalizerSteps.UnicodeForm(true, true), NormalizerSteps.Lowercase, new NormalizerSteps.Prepend("▁"), NormalizerSteps.StripAccents])
            .Normalize("A\u0323ﬁİx", 10, trackOffsets: true, text);
        Assert.Equal("▁ạfiix", text.Span.ToString());
        Assert.Equal([10, 10, 12, 12, 13, 14], text.From[text.Start..text.End]);
        Assert.Equal([12, 12, 13, 13, 14, 15], text.To[text.Start..text.End]);
    }
}
