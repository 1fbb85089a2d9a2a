using AltClip.Tests;
using Xunit;

namespace AltClip.Search.Tests;

public sealed class SearchQueryTests
{
    private static readonly string Pizza = EmojiPipeline.Picture("pizza");

    [Theory]
    [InlineData("horse + stripes", "horse", "+", "stripes")]
    [InlineData("2:golden retriever - 0.5:dog", "2:golden retriever", "-", ".5:dog")]
    [InlineData("a red bicycle", "a", "red", "bicycle")]
    [InlineData("2:a red bicycle + 3:snow", "2:a", "red", "bicycle", "+", "3.:snow")]
    [InlineData("- fruit + apple", "-", "fruit", "+", "apple")]
    [InlineData("apple - the fruit", "apple", "-", "the", "fruit")]
    [InlineData("a - b", "a - b")]
    [InlineData("10:30 on a clock", "1:10:30 on a clock")]
    [InlineData("2:golden retriever - 0.5:dog", "2:", "golden", "retriever", "-", ".5:", "dog")]
    [InlineData("fig. 2: a map", "fig. 2: a map")]
    [InlineData("my cat.jpg, as a text", "my cat.jpg, as a text")]
    public void WordsAreTextsWithSignsAndWeights(string expected, params string[] words)
    {
        var query = SearchQuery.Parse(words);
        Assert.Equal(expected, query.ToString());
        Assert.All(query.Terms, term => Assert.Equal(SearchTermKind.Text, term.Kind));
    }

    [Fact]
    public void WeightsAndSignsMultiply() => Assert.Equal(
        [("golden retriever", 2), ("dog", -0.5), ("10:30", 1)],
        SearchQuery.Parse("2:golden retriever", "-", ".5:dog", "+", "1:10:30").Terms.Select(term => (term.Name, term.Weight)));

    [Fact]
    public void PathsAndAddressesArePictures()
    {
        using var folder = new TemporaryFolder();
        var spaced = folder.File("new york.png");
        File.Copy(Pizza, spaced);
        var query = SearchQuery.Parse($"2:{Pizza}", "-", spaced, "+", $"file://{Pizza}", "+", "https://example.org/cat?size=1");
        Assert.Equal(
            [(SearchTermKind.Image, 2), (SearchTermKind.Image, -1), (SearchTermKind.Image, 1), (SearchTermKind.Url, 1)],
            query.Terms.Select(term => (term.Kind, term.Weight)));
        Assert.Equal([Pizza, spaced, Pizza], query.Terms.Take(3).Select(term => term.Image!.Name));
        Assert.Equal("https://example.org/cat?size=1", query.Terms[3].Name);
    }

    [Theory]
    [InlineData("is empty")]
    [InlineData("is empty", " ")]
    [InlineData("nothing behind '+'", "a", "+")]
    [InlineData("nothing behind '-'", "a", "-", "+", "b")]
    [InlineData("only takes away", "-", "a")]
    [InlineData("weight of '0:a' is 0", "0:a")]
    [InlineData("weight of '-2:a' is -2; expected a number above 0", "-2:a")]
    [InlineData("weight of '1e400:a' is 1e400", "1e400:a")]
    [InlineData("weight of '1E2:a b' is 1E2", "1E2:a b")]
    [InlineData("nothing behind the weight '2:'", "2:")]
    [InlineData("nothing behind the weight '2: '", "2: ", "", "+", "b")]
    [InlineData("but stands with other words in '/a.png b'", "/a.png", "b")]
    [InlineData("but stands with other words in 'b c https://a.org'", "b", "c", "https://a.org")]
    public void WhatCantBeMeantIsRefused(string message, params string[] words) =>
        Assert.Contains(message, Assert.Throws<FormatException>(() => SearchQuery.Parse(words)).Message);

    [Theory]
    [InlineData("no-such.png")]
    [InlineData("/no such/picture")]
    [InlineData("./no-such")]
    [InlineData("~/no-such-picture-at-all")]
    [InlineData("file:///no-such")]
    public void PicturesThatAreNotThereAreNamed(string word) =>
        Assert.Contains($"no picture {word}", Assert.Throws<FileNotFoundException>(() => SearchQuery.Parse(word)).Message);

    [Fact]
    public void AFolderIsNoPicture() =>
        Assert.Contains("is a folder", Assert.Throws<FileNotFoundException>(() => SearchQuery.Parse(EmojiPipeline.PictureFolder)).Message);

    [Fact]
    public void PartsAreChecked()
    {
        Assert.Throws<ArgumentException>(() => new SearchQuery());
        Assert.Contains("only takes away", Assert.Throws<ArgumentException>(() => new SearchQuery(SearchTerm.FromText("a", -1))).Message);
        foreach (var weight in new[] { 0, double.NaN, double.PositiveInfinity })
            Assert.Throws<ArgumentOutOfRangeException>(() => SearchTerm.FromText("a", weight));
        Assert.Throws<ArgumentException>(() => SearchTerm.FromText(" "));
        Assert.Throws<ArgumentException>(() => SearchTerm.FromUrl(new Uri("file:///etc/passwd")));
    }
}
