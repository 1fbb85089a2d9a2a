using Xunit;

namespace AltClip.Cli.Tests;

public sealed class SentenceTests
{
    [Theory]
    [InlineData("It is as long as a line.", 24, "It is as long as a line.")]
    [InlineData("It is longer than a line.", 24, "It is longer than a\nline.")]
    [InlineData("See /a/folder/of-one-word.png here", 12, "See\n/a/folder/of-one-word.png\nhere")]
    [InlineData("企鹅 企鹅 企鹅", 10, "企鹅 企鹅\n企鹅")]
    [InlineData("  below its first word", 13, "  below its\n  first word")]
    [InlineData("two\r\nlines of it", 8, "two\nlines of\nit")]
    [InlineData("", 8, "")]
    public void LinesEndBetweenWords(string text, int width, string lines) => Assert.Equal(lines.Split('\n'), Sentence.Lines(text, width));

    [Fact]
    public void FactsStandBesideTheirNames() => Assert.Equal(
        """
        encoder  6 layers of width 192, 3 heads, 64 x 64 pixels in
                 patches of 8
          part   1

        """, Facts(60));

    [Fact]
    public void FactsStandBelowWhereATerminalIsNarrow() => Assert.Equal(
        """
        encoder
          6 layers of width 192, 3
          heads, 64 x 64 pixels in
          patches of 8
          part  1

        """, Facts(26));

    private static string Facts(int width)
    {
        var output = new StringWriter();
        var console = new CliConsole(output, TextWriter.Null);
        console.Results.Profile.Width = width;
        console.Results.Write(new FactList([("encoder", "6 layers of width 192, 3 heads, 64 x 64 pixels in patches of 8"), ("  part", "1")]));
        return output.ToString();
    }
}
