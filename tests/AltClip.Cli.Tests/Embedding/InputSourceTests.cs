using System.Formats.Tar;
using System.Text;
using AltClip.Tests;
using Xunit;

namespace AltClip.Cli.Tests;

/// <summary>What is read from folders, lists, tar and Parquet files.</summary>
public sealed class InputSourceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void FolderGivesPicturesOfAllFoldersInOneOrder()
    {
        foreach (var name in new[] { "b/z.PNG", "b/notes.txt", "a.jpg", "B/c.webp", "b/a/q.gif" }) Write(name, name);
        var inputs = Read(_folder.Path);
        Assert.Equal(["B/c.webp", "a.jpg", "b/a/q.gif", "b/z.PNG"], inputs.Select(input => input.Id));
        Assert.Equal("b/z.PNG"u8.ToArray(), inputs[3].Picture);
    }

    [Fact]
    public void HiddenFilesAndFoldersAreLeftOutAndCounted()
    {
        foreach (var name in new[] { "a.jpg", "b.JFIF", "c.jpe", "._a.jpg", ".ipynb_checkpoints/a.jpg", "b/.c.webp", "b/notes.txt" }) Write(name, name);
        var source = new FolderSource(_folder.Path, 0);
        Assert.Equal(["a.jpg", "b.JFIF", "c.jpe"], source.Read(0, source.Count).Select(input => input.Id));
        Assert.Equal(4, source.LeftOut);
    }

    [Fact]
    public void WithoutAnExtensionTheContentTells()
    {
        File.Copy(TestData.Path("emoji", "penguin.png"), _folder.File("penguin"));
        Write("LICENSE", "Permission is granted");
        Write("empty", "");
        Assert.Equal(["penguin"], Read(_folder.Path).Select(input => input.Id));
    }

    [Fact]
    public void LinksAreFollowedOnce()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights there.");
        Write("in/a/x.jpg", "x");
        Write("out/y.jpg", "y");
        Link("in/0-self", "in");
        Link("in/a/up", "in");
        Link("in/a/again", "in/a");
        Link("in/linked", "out");
        Link("in/linked-again", "out");
        Link("out/back", "in");
        Write("out/deep/z.jpg", "z");
        Link("third", "");
        Link("other", "third/out");
        Link("in/linked-by-links", "other/deep");
        File.CreateSymbolicLink(_folder.File("in/a/y.jpg"), _folder.File("out/y.jpg"));
        Assert.Equal(["a/x.jpg", "a/y.jpg", "linked/deep/z.jpg", "linked/y.jpg"], Read(_folder.File("in")).Select(input => input.Id));

        void Link(string name, string to) => Directory.CreateSymbolicLink(_folder.File(name), _folder.File(to));
    }

    [Fact]
    public void ALinkThatIsReachedThroughALinkLeadsWhereTheSystemSays()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights there.");
        Write("all/a/x.jpg", "x");
        Write("other/y.jpg", "y");
        Write("all/sub/z.jpg", "z");
        Directory.CreateSymbolicLink(_folder.File("all/sub/up"), "..");
        Directory.CreateSymbolicLink(_folder.File("all/circle"), "../all");
        Directory.CreateSymbolicLink(_folder.File("all/beside"), "../other");
        Assert.Equal(["up/a/x.jpg", "up/beside/y.jpg", "z.jpg"], Read(_folder.File("all/sub")).Select(input => input.Id));
    }

    [Fact]
    public void WhatIsNoRegularFileFailsByItsName()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "There are none, or they are not told.");
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", [_folder.File("pipe.jpg"), _folder.File("pipe")])) mkfifo.WaitForExit();
        File.CreateSymbolicLink(_folder.File("zero.jpg"), "/dev/zero");
        var inputs = Read(_folder.Path);
        Assert.Equal(["pipe.jpg", "zero.jpg"], inputs.Select(input => input.Id));
        Assert.All(inputs, input => Assert.EndsWith($"{input.Id} is a pipe, a device or a socket; expected a file.", input.Error, StringComparison.Ordinal));
        Assert.Throws<IOException>(() => AltClip.Imaging.RgbImage.Decode(ImageSource.FromFile(_folder.File("pipe.jpg"))));
    }

    [Fact]
    public void AFolderThatCannotBeReadIsAFailureByItsName()
    {
        Assert.SkipWhen(Environment.UserName == "root", "Everything can be read.");
        if (OperatingSystem.IsWindows()) return;
        Write("a.jpg", "a");
        Write("locked/b.jpg", "b");
        File.SetUnixFileMode(_folder.File("locked"), UnixFileMode.None);
        var inputs = Read(_folder.Path);
        File.SetUnixFileMode(_folder.File("locked"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Assert.Equal([("a.jpg", false), ("locked/", true)], inputs.Select(input => (input.Id, input.Error is not null)));
    }

    [Fact]
    public void ABackslashInANameIsNoFolder()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "It is one there.");
        Write("a/b.png", "slash");
        Write("a\\b.png", "backslash");
        var inputs = Read(_folder.Path);
        Assert.Equal(["a/b.png", "a\\b.png"], inputs.Select(input => input.Id));
        Assert.Equal("backslash"u8.ToArray(), inputs[1].Picture);
    }

    [Fact]
    public void ListNamesPathsFromItsFolderOrAnother()
    {
        Write("pictures/a.png", "A");
        Write("other/a.png", "O");
        var list = Write("pictures/list.txt", "a.png\n\nmissing.png\r\n  \na.png");
        var inputs = Read(list);
        Assert.Equal([("a.png", 0), ("missing.png", 1), ("a.png#2", 2)], inputs.Select(input => (input.Id, input.Index)));
        Assert.Equal("A"u8.ToArray(), inputs[2].Picture);
        Assert.Contains("missing.png", inputs[1].Error);
        Assert.Equal("O"u8.ToArray(), Read(list, new InputOptions { Root = _folder.File("other") })[0].Picture);
    }

    [Fact]
    public void JsonLinesHaveIdsAndTheirMistakesStayAlone()
    {
        Write("a.png", "A");
        var list = Write("list.jsonl", """
            {"id": 17, "path": "a.png"}
            {"file_name": "a.png", "text": "words"}
            "a.png"
            {"path": ["a.png"]}
            {"path": "a.png"
            """);
        var inputs = Read(list);
        Assert.Equal(["17", "a.png", "a.png#2"], inputs.Take(3).Select(input => input.Id));
        Assert.All(inputs.Take(3), input => Assert.Equal("A"u8.ToArray(), input.Picture));
        Assert.Contains("expected name", inputs[3].Error);
        Assert.Contains("no JSON", inputs[4].Error);
        Assert.Matches(@"\(column \d+\)\.$", inputs[4].Error);
        Assert.Equal("words", Read(list, new InputOptions { Texts = true })[1].Text);
        Assert.Equal("a.png", Read(list, new InputOptions { Texts = true, Column = "path" })[0].Text);
        Assert.Contains("'name'", Read(list, new InputOptions { IdColumn = "name" })[0].Error);
    }

    [Fact]
    public void LinesAreTexts()
    {
        var inputs = Read(Write("texts.txt", "一只猫\n\n un chat \n"), new InputOptions { Texts = true });
        // Blank lines are no inputs, but those behind them keep their number.
        Assert.Equal([("texts.txt#0", "一只猫"), ("texts.txt#2", " un chat ")], inputs.Select(input => (input.Id, input.Text)));
    }

    /// <summary>Read as UTF-8, what is Latin-1 would be other texts; what no one looks at may be anything.</summary>
    [Theory]
    [InlineData("a.txt", "café\nCafÉ\n", "Caf#")]
    [InlineData("a.jsonl", "{\"text\": \"a\"}\n{\"text\": \"Caf#\"}\n", null)]
    [InlineData("a.csv", "text,other\na,Caf#\nCaf#,b\n", null)]
    [InlineData("a.csv", "text,id\na,1\nb,Caf#\n", null)]
    public void ALineThatIsNoUtf8FailsAlone(string name, string lines, string? last)
    {
        File.WriteAllBytes(_folder.File(name), [.. Encoding.UTF8.GetBytes(lines + last).SelectMany(b => b == '#' ? [(byte)0xE9] : new[] { b })]);
        var inputs = Read(_folder.File(name), new InputOptions { Texts = true });
        Assert.All(inputs.SkipLast(1), input => Assert.NotNull(input.Text));
        Assert.Null(inputs[^1].Text);
        Assert.Contains("not UTF-8", inputs[^1].Error);
        Assert.Contains(name, inputs[^1].Id);
    }

    [Fact]
    public void TarGivesItsPictures()
    {
        var tar = _folder.File("shard-00000.tar");
        foreach (var name in new[] { "b.jpg", "b.txt", "a.png" }) Write(name, name);
        WriteTar(tar, "b.jpg", "b.txt", "a.png");
        var inputs = Read(tar);
        Assert.Equal(["shard-00000.tar/x/b.jpg", "shard-00000.tar/x/a.png"], inputs.Select(input => input.Id));
        Assert.Equal("a.png"u8.ToArray(), inputs[1].Picture);

        var bytes = File.ReadAllBytes(tar);
        Assert.Throws<EmbedException>(() => Read(_folder.Write("cut.tar", bytes[..600])));
        // a sparse file, which .NET refuses as not supported; the sum of the header with it
        byte[] sparse = [.. bytes];
        sparse[156] = (byte)'S';
        "        "u8.CopyTo(sparse.AsSpan(148));
        System.Text.Encoding.ASCII.GetBytes($"{Convert.ToString(sparse[..512].Sum(value => value), 8).PadLeft(6, '0')}\0 ").CopyTo(sparse, 148);
        Assert.Contains("no whole tar file", Assert.Throws<EmbedException>(() => Read(_folder.Write("sparse.tar", sparse))).Message);
        Assert.Contains("compressed", Assert.Throws<EmbedException>(() => Read(_folder.Write("zip.tar", [0x1F, 0x8B, 8]))).Message);
    }

    [Fact]
    public void ParquetGivesBytesPathsOrTexts()
    {
        Write("p3.png", "P");
        var file = _folder.File("table.parquet");
        Tables.Run($"""
            copy (select 'k' || i as key, case when i = 2 then null else 'p' || i || '.png' end as path,
                struct_pack(bytes := case when i in (4, 6) then null else encode('b' || i) end, path := case when i = 6 then 'p3.png' end) as image, 'text ' || i as caption
                from range(5000) t(i)) to '{file}' (row_group_size 2048)
            """);
        var inputs = Read(file);
        Assert.Equal(5000, inputs.Length);
        Assert.Equal(("k4999", "b4999"), (inputs[4999].Id, System.Text.Encoding.UTF8.GetString(inputs[4999].Picture.Span)));
        Assert.Equal("The row has no picture.", inputs[4].Error);
        Assert.Equal("b5"u8.ToArray(), inputs[5].Picture);
        Assert.Equal("P"u8.ToArray(), inputs[6].Picture);
        var paths = Read(file, new InputOptions { Column = "path" });
        Assert.Equal("P"u8.ToArray(), paths[3].Picture);
        Assert.Equal("The row has no path.", paths[2].Error);
        Assert.Equal("text 4999", Read(file, new InputOptions { Texts = true })[4999].Text);
        Assert.Equal("p3.png", Read(file, new InputOptions { IdColumn = "path" })[3].Id);
        var middle = new ParquetSource(file, 0, new InputOptions()).Read(2040, 20).ToArray();
        Assert.Equal(Enumerable.Range(2040, 20).Select(i => $"k{i}"), middle.Select(input => input.Id));

        var error = Assert.Throws<EmbedException>(() => Read(file, new InputOptions { Column = "picture" }));
        Assert.Contains("picture", error.Message);
        Assert.Contains("image/bytes", error.Message);
        Assert.Throws<EmbedException>(() => Read(_folder.Write("cut.parquet", File.ReadAllBytes(file)[..1000])));
    }

    [Fact]
    public void ParquetMayHaveNumbersForIdsCapitalsListsAndPathsAlone()
    {
        Write("p3.png", "P");
        var file = _folder.File("table.parquet");
        Tables.Run($"""
            copy (select i::bigint * 10000000000 as ID, struct_pack(bytes := null::blob, path := 'p3.png') as image, [struct_pack(raw := 'r', n := 1)] as captions,
                'text ' || i as TEXT from range(3) t(i)) to '{file}' (format parquet)
            """);
        Assert.Equal([("0", "P"), ("10000000000", "P"), ("20000000000", "P")],
            Read(file).Select(input => (input.Id, System.Text.Encoding.UTF8.GetString(input.Picture.Span))));
        Assert.Equal(["text 0", "text 1", "text 2"], Read(file, new InputOptions { Texts = true }).Select(input => input.Text));
        Assert.Contains("no column captions with one value a row that fits; found ID (int64), image/bytes (bytes), image/path (text), captions/raw (texts)",
            Assert.Throws<EmbedException>(() => Read(file, new InputOptions { Texts = true, Column = "captions" })).Message);
    }

    [Theory]
    [InlineData("a.csv", ',', null)]
    [InlineData("a.tsv", '\t', null)]
    [InlineData("a.csv", '\t', '\t')]
    [InlineData("a.txt", '|', '|')]
    public void TablesGivePathsOrTexts(string name, char between, char? delimiter)
    {
        Write("p 1.png", "P");
        string[][] rows = [["Id", "filepath", "caption"], ["7", "p 1.png", "\"a\nb\""], ["7", "", "c"], ["8", "p 1.png"], ["9", "none.png", "d"]];
        Write(name, string.Join("\n", rows.Select(row => string.Join(between, row))));
        var inputs = Read(_folder.File(name), new InputOptions { Delimiter = delimiter });
        Assert.Equal(["7", $"{name}#1", $"{name}#2", "9"], inputs.Select(input => input.Id));
        Assert.Equal("P"u8.ToArray(), inputs[0].Picture);
        Assert.Equal(["Line 4: the field is empty.", "Line 5: 2 fields; expected 3."], inputs[1..3].Select(input => input.Error));
        Assert.Contains("none.png", inputs[3].Error);
        Assert.Equal(["a\nb", "c", null, "d"], Read(_folder.File(name), new InputOptions { Delimiter = delimiter, Texts = true }).Select(input => input.Text));
        Assert.Equal("caption", Read(_folder.File(name), new InputOptions { Delimiter = delimiter, Texts = true, Column = "2", HasHeader = false })[0].Text);
        Assert.Equal("\"a", Read(_folder.File(name), new InputOptions { Delimiter = delimiter, Texts = true, Quoted = false })[0].Text);
        var error = Assert.Throws<EmbedException>(() => Read(_folder.File(name), new InputOptions { Delimiter = delimiter, Column = "picture" }));
        Assert.Contains("has no column picture; found Id, filepath, caption. Give --column.", error.Message);
    }

    [Theory]
    [InlineData("jpeg")]
    [InlineData("gif")]
    [InlineData("bmp")]
    public void AParquetColumnMayBeNamedAfterAnyFormat(string column)
    {
        var file = _folder.File("table.parquet");
        Tables.Run($"copy (select encode('b') as {column}) to '{file}' (format parquet)");
        Assert.Equal("b"u8.ToArray(), Assert.Single(Read(file)).Picture);
    }

    [Theory]
    [InlineData("a.tar")]
    [InlineData("a.parquet")]
    [InlineData("a.txt")]
    public void FilesThatWereReplacedAreRefusedByName(string name)
    {
        var (path, other) = (_folder.File(name), _folder.File("other"));
        foreach (var (file, pictures) in new[] { (path, new[] { "1.png", "2.png" }), (other, ["2.png", "1.png"]) })
        {
            foreach (var picture in pictures) Write(picture, picture);
            if (name == "a.txt") File.WriteAllLines(file, pictures);
            else if (name == "a.tar") WriteTar(file, pictures);
            else Tables.Run($"copy (select unnest(['{string.Join("', '", pictures)}']) as path) to '{file}' (format parquet)");
        }
        var source = InputSources.Open([path], new InputOptions())[0];
        var count = source.Count;
        ReplacedFile.By(path, File.ReadAllBytes(other));
        Assert.Contains($"{path} was replaced", Assert.Throws<IOException>(() => source.Read(0, count).ToArray()).Message);
    }

    [Theory]
    [InlineData("no file or folder", "nowhere")]
    [InlineData("is a picture", "a.png")]
    [InlineData("ends in '.zip'", "a.zip")]
    public void WhatIsNoInputIsNamed(string expected, string name)
    {
        if (name != "nowhere") Write(name, "");
        var error = Assert.ThrowsAny<Exception>(() => Read(_folder.File(name)));
        Assert.Contains(expected, error.Message);
        Assert.Contains(name, error.Message);
    }

    private static EmbedInput[] Read(string path, InputOptions? options = null)
    {
        var source = InputSources.Open([path], options ?? new InputOptions())[0];
        return [.. source.Read(0, source.Count)];
    }

    private void WriteTar(string path, params string[] names)
    {
        using var writer = new TarWriter(File.Create(path));
        foreach (var name in names) writer.WriteEntry(_folder.File(name), $"x/{name}");
    }

    private string Write(string name, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(name))!);
        File.WriteAllText(_folder.File(name), content);
        return _folder.File(name);
    }
}
