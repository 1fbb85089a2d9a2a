using System.Text;
using AltClip.Tests;
using AltClip.Training.Data;
using Xunit;

namespace AltClip.Training.Tests;

public sealed class DataSetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public DataSetTests()
    {
        foreach (var name in new[] { "a.jpg", "b.jpg", "c d.jpg" }) File.WriteAllBytes(_folder.File(name), TestPictures.Jpeg(20, 16));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void CsvIsQuotedAsRfc4180Says()
    {
        var set = Read("x.csv", "image,caption\r\na.jpg,\"a \"\"cat\"\", and\r\na dog\"\r\n\r\n\"c d.jpg\",\nb.jpg,un chat\na.jpg,另一只猫",
            problems: ["line 5: no caption"]);
        Assert.Null(set);
        set = Read("x.csv", "image,caption\r\na.jpg,\"a \"\"cat\"\", and\r\na dog\"\r\n\r\n\"c d.jpg\",\" \"\"\"\nb.jpg,un chat\na.jpg,另一只猫");
        Assert.Equal([_folder.File("a.jpg"), _folder.File("c d.jpg"), _folder.File("b.jpg")], set!.Select(example => example.Image.Name));
        Assert.Equal(["a \"cat\", and\r\na dog", "另一只猫"], set![0].Captions);
        Assert.Equal([" \""], set[1].Captions);
    }

    [Fact]
    public void ColumnsAreChosenByName()
    {
        var set = Read("x.tsv", "n\tpath\tde\ten\n1\ta.jpg\teine Katze\ta cat\n2\tb.jpg\t\ta dog\n",
            new() { ImageColumn = "path", CaptionColumns = ["en", "de"] });
        Assert.Equal(["a cat", "eine Katze"], set![0].Captions);
        Assert.Equal(["a dog"], set[1].Captions);
        set = Read("x.txt", "a \"cat\ta.jpg\n\"b\tb.jpg\n",
            new() { Format = TableFormat.Tsv, HasHeader = false, Quoted = false, ImageColumn = "1", CaptionColumns = ["0"] });
        Assert.Equal(["\"b"], set![1].Captions);
    }

    [Theory]
    [InlineData("x.csv", '\t')]
    [InlineData("x.csv", ';')]
    [InlineData("x.txt", '|')]
    public void TheDelimiterMayBeGiven(string name, char delimiter)
    {
        var set = Read(name, $"filepath{delimiter}title\na.jpg{delimiter}a cat, asleep\n", new() { Delimiter = delimiter });
        Assert.Equal(["a cat, asleep"], set![0].Captions);
        File.WriteAllText(_folder.File("y.jsonl"), "{}");
        Assert.Throws<ArgumentException>(() => CaptionedImages.FromFile(_folder.File("y.jsonl"), new() { Delimiter = delimiter }));
    }

    [Fact]
    public void LinesWithoutACaptionAreLeftOutByNumberWhereThatIsAsked()
    {
        File.WriteAllText(_folder.File("x.jsonl"), "{\"image\": \"a.jpg\", \"caption\": null}\n{\"image\": \"b.jpg\", \"caption\": \" \"}\n{\"image\": \"a.jpg\", \"caption\": 7}\n{\"Image\": \"a.jpg\", \"CAPTION\": \"7\"}\n");
        var set = CaptionedImages.FromFile(_folder.File("x.jsonl"), new() { SkipProblems = true });
        Assert.Equal(["7"], Assert.Single(set).Captions);
        Assert.Equal(
            ["line 1: caption is a JSON Null; expected text", "line 3: caption is a JSON Number; expected text", "line 2: no caption"], set.Problems);
        File.WriteAllText(_folder.File("x.csv"), "image,caption\na.jpg,\n");
        Assert.Throws<DataSetException>(() => CaptionedImages.FromFile(_folder.File("x.csv"), new() { SkipProblems = true }));
    }

    [Fact]
    public void JsonLinesMayListCaptions()
    {
        var set = Read("x.jsonl", """
            {"file_name": "a.jpg", "captions": ["one", "two"], "id": 3}

            {"file_name": "b.jpg", "text": "three"}
            """);
        Assert.Equal(["one", "two"], set![0].Captions);
        Assert.Equal(["three"], set[1].Captions);
    }

    [Fact]
    public void PathsAreRelativeToTheCaptionFileOrTheFolderGiven()
    {
        using var other = new TemporaryFolder();
        var file = other.File("x.tsv");
        File.WriteAllText(file, "image\tcaption\na.jpg\tx\n");
        Assert.Equal([other.File("a.jpg")], Assert.Throws<MissingImagesException>(() => CaptionedImages.FromFile(file)).MissingImages);
        Assert.Single(CaptionedImages.FromFile(file, new() { ImageFolder = _folder.Path }));
    }

    [Fact]
    public void AllMissingPicturesAreListedFirst()
    {
        var lines = Enumerable.Range(0, 50).Select(i => $"missing{i}.jpg\tx").Append("a.jpg\tx");
        File.WriteAllLines(_folder.File("x.tsv"), lines.Prepend("image\tcaption"));
        var error = Assert.Throws<MissingImagesException>(() => CaptionedImages.FromFile(_folder.File("x.tsv")));
        Assert.Equal(Enumerable.Range(0, 50).Select(i => _folder.File($"missing{i}.jpg")), error.MissingImages);
        Assert.Contains("50 of the pictures", error.Message);
        Assert.Contains(_folder.File("missing19.jpg"), error.Message);
        Assert.DoesNotContain("missing20.jpg", error.Message);
        Assert.EndsWith("and 30 more", error.Message);
    }

    [Fact]
    public void MalformedLinesAreListedByNumber()
    {
        Read("x.csv", "image,caption\na.jpg,x,y\n\"a.jpg\" ,z\nb.jpg,x\n,no picture\nb.jpg,\"open\nand so on\n", problems:
        [
            "line 2: 3 fields; expected 2",
            "line 3: text after a closing quotation mark; double the marks of the text, or read the table without quotes",
            "line 6: a quotation mark that is never closed; double the marks of the text, or read the table without quotes",
            "line 5: no picture, or more than one",
        ]);
        var error = Assert.Throws<DataSetException>(() => Read("y.jsonl", "{\"image\": \"a.jpg\", \"caption\": \"x\"}\n{\"image\": \"a.jpg\"\n[]\n{\"image\": 1}\n{\"image\": true, \"caption\": \"\"}"));
        Assert.Equal(["line 2", "line 3", "line 4", "line 5"], error.Problems.Select(problem => problem[..6]));
        Assert.Contains("no caption or captions or text or title", error.Problems[2]);
    }

    [Theory]
    [InlineData("x.csv", "image;caption", "found 'image;caption'. It was read with ',' between its fields: is the delimiter ';'?")]
    [InlineData("x.tsv", "image,caption", "It was read with a tab between its fields: is the delimiter ','?")]
    [InlineData("x.csv", "image\tcaption", "is the delimiter a tab?")]
    [InlineData("x.csv", "picture,words", "found 'picture', 'words'. Name the columns in the options.")]
    public void WhatMayStandBetweenTheFieldsIsSaid(string name, string header, string expected) =>
        Assert.Contains(expected, Assert.Throws<DataSetException>(() => Read(name, header + "\n")).Message);

    [Fact]
    public void EmptyAndUnreadableFilesAreRefused()
    {
        Assert.Contains("it is empty", Assert.Throws<DataSetException>(() => Read("x.csv", "")).Message);
        Assert.Contains("it is empty", Assert.Throws<DataSetException>(() => Read("x.csv", "image,caption\n")).Message);
        Assert.Contains("found 'image', 'label'", Assert.Throws<DataSetException>(() => Read("x.csv", "image,label\na.jpg,1")).Message);
        Assert.Throws<ArgumentException>(() => Read("x.xlsx", ""));
        Assert.Throws<FileNotFoundException>(() => CaptionedImages.FromFile(_folder.File("none.csv")));
        File.WriteAllBytes(_folder.File("latin.csv"), [.. "image,caption\na.jpg,"u8, 0xE9, (byte)'\n']);
        Assert.Contains("UTF-8", Assert.Throws<DataSetException>(() => CaptionedImages.FromFile(_folder.File("latin.csv"))).Message);
    }

    [Fact]
    public void ParallelTextsPairEachTranslation()
    {
        File.WriteAllText(_folder.File("p.tsv"), "en\tzh\tfr\ncat\t猫\tchat\ndog\t\tchien\n");
        var texts = ParallelTexts.FromFile(_folder.File("p.tsv"), new() { TargetColumns = ["zh", "fr", "en"] });
        Assert.Equal(
            [new("cat", "猫"), new("cat", "chat"), new("cat", "cat"), new("dog", "chien"), new("dog", "dog")], texts);
        File.WriteAllText(_folder.File("q.tsv"), "cat\t猫\n\t犬\nbird\t\n");
        var error = Assert.Throws<DataSetException>(() => ParallelTexts.FromFile(_folder.File("q.tsv"), new() { HasHeader = false }));
        Assert.Equal(["line 2: no source text, or more than one", "line 3: no target text"], error.Problems);
    }

    private CaptionedImages? Read(string name, string content, CaptionedImagesOptions? options = null, string[]? problems = null)
    {
        File.WriteAllText(_folder.File(name), content, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        if (problems is null) return CaptionedImages.FromFile(_folder.File(name), options);
        Assert.Equal(problems, Assert.Throws<DataSetException>(() => CaptionedImages.FromFile(_folder.File(name), options)).Problems);
        return null;
    }
}
