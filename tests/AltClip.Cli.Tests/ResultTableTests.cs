using Xunit;

namespace AltClip.Cli.Tests;

public sealed class ResultTableTests
{
    [Fact]
    public void ColumnsAreAsWideAsTheirLettersAreShown() => Assert.Equal(
        """
        label     share  map
        企鹅        7.5  企鹅 1.png
        penguins   92.5

        """, Written(80, ["label", "share", "map"], ["企鹅", "7.5", "企鹅 1.png"], ["penguins", "92.5", ""]));

    [Fact]
    public void WhereTheyDoNotFitEachRowHasLines() => Assert.Equal(
        """
        label: 企鹅
          share  7.5
          map    企鹅 1.png
          better
        label: penguins
          share  92.5

        """, Written(20, ["label", "share", "map", ""], ["企鹅", "7.5", "企鹅 1.png", "better"], ["penguins", "92.5", "", ""]));

    [Fact]
    public void WithoutNamesThereIsNoHeader()
    {
        Assert.Equal(
            """
            chosen on  4 others
            none       0.25

            """, Written(80, ["", ""], ["chosen on", "4 others"], ["none", "0.25"]));
        Assert.Equal(
            """
            chosen on
              4 others

            """, Written(12, ["", ""], ["chosen on", "4 others"]));
    }

    private static string Written(int width, string[] header, params string[][] rows)
    {
        var output = new StringWriter();
        var console = new CliConsole(output, TextWriter.Null);
        console.Results.Profile.Width = width;
        ResultTable.Write(console, header, rows);
        return output.ToString();
    }
}
