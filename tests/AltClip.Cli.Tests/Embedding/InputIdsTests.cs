using System.Formats.Tar;
using AltClip.Tests;
using Xunit;

namespace AltClip.Cli.Tests;

/// <summary>No two inputs of a job have one id, and where none would, ids are as short as ever.</summary>
public sealed class InputIdsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void FoldersOfOneNameAreToldApart()
    {
        foreach (var name in new[] { "a/pics/x/1.png", "a/pics/2.png", "b/pics/x/1.png" }) Write(name);
        Assert.Equal(["a/pics/2.png", "a/pics/x/1.png", "b/pics/x/1.png"], Ids("a/pics", "b/pics/"));
        File.Delete(_folder.File("a/pics/x/1.png"));
        Assert.Equal(["2.png", "x/1.png"], Ids("a/pics", "b/pics"));
    }

    [Fact]
    public void AFolderInAnotherIsToldApart()
    {
        foreach (var name in new[] { "d/1.png", "d/a/1.png", "d/a/d/1.png" }) Write(name);
        Assert.Equal(["d/1.png", "d/a/1.png", "d/a/d/1.png", "a/1.png", "a/d/1.png"], Ids("d", "d/a"));
        AssertUnique(Ids("d", "d/a", "d/a/d"));
    }

    [Fact]
    public void TarFilesOfOneNameAreToldApart()
    {
        foreach (var name in new[] { "a/0.tar", "b/0.tar", "b/1.tar" }) Tar(name, "m.png", "n.png");
        Assert.Equal(["0.tar/m.png", "0.tar/n.png", "1.tar/m.png", "1.tar/n.png"], Ids("a/0.tar", "b/1.tar"));
        Assert.Equal(["a/0.tar/m.png", "a/0.tar/n.png", "b/0.tar/m.png", "b/0.tar/n.png"], Ids("a/0.tar", "b/0.tar"));
        Tar("b/0.tar", "o.png");
        Assert.Equal(["0.tar/m.png", "0.tar/n.png", "0.tar/o.png"], Ids("a/0.tar", "b/0.tar"));
        // Such names are in the folder too.
        Write("c/0.tar/m.png");
        Assert.Equal(["0.tar/m.png", "0.tar/n.png", "c/0.tar/m.png"], Ids("a/0.tar", "c"));
    }

    [Fact]
    public void TarFilesOfOtherNamesAreNotRead()
    {
        var sources = InputSources.Open([Tar("a/0.tar", "m.png"), _folder.Write("a/1.tar", [1, 2, 3])], new InputOptions());
        Assert.Equal(IdForm.Short, InputIds.Choose(sources));
        Assert.Throws<EmbedException>(() => InputIds.Choose(InputSources.Open([Tar("b/1.tar", "m.png"), _folder.File("a/1.tar")], new InputOptions())));
    }

    [Theory]
    [InlineData("select 'words' as text", "t.parquet#0", "b/t.parquet#0")]
    [InlineData("select 17 || '' as id, 'words' as text", "17", "b/t.parquet/17")]
    [InlineData("select null::varchar as id, 'words' as text", "t.parquet#0", "b/t.parquet#0")]
    public void ParquetFilesAreToldApart(string query, string alone, string beside)
    {
        foreach (var name in new[] { "a/t.parquet", "b/t.parquet" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(name))!);
            Tables.Run($"copy ({query}) to '{_folder.File(name)}'");
        }
        var options = new InputOptions { Texts = true };
        Assert.Equal([alone], Ids(options, "b/t.parquet"));
        Assert.Equal([$"a{beside[1..]}", beside], Ids(options, "a/t.parquet", "b/t.parquet"));
    }

    [Fact]
    public void ListsOfOneNameOrOfOnePictureAreToldApart()
    {
        Write("1.png");
        foreach (var name in new[] { "a/list.txt", "b/list.txt", "c.jsonl" }) Write(name);
        File.WriteAllText(_folder.File("a/list.txt"), "../1.png\n");
        File.WriteAllText(_folder.File("b/list.txt"), "../1.png\n../2.png\n");
        File.WriteAllText(_folder.File("c.jsonl"), """{"id": "one", "path": "1.png"}""");
        Assert.Equal(["a/list.txt/../1.png", "b/list.txt/../1.png", "b/list.txt/../2.png"], Ids("a/list.txt", "b/list.txt"));
        Assert.Equal(["../1.png", "one"], Ids("a/list.txt", "c.jsonl"));
        Assert.Equal(["a/list.txt#0", "b/list.txt#0", "b/list.txt#1"], Ids(new InputOptions { Texts = true }, "a/list.txt", "b/list.txt"));
    }

    [Fact]
    public void InputsOfOneNameInAFileEndInTheirPlace()
    {
        Write("a.png");
        Assert.Equal(["0.tar/m.png", "0.tar/n.png", "0.tar/m.png#2"], Ids(Tar("0.tar", "m.png", "n.png", "m.png")));
        var list = Write("list.txt");
        File.WriteAllText(list, "a.png\na.png\n\nb.png\na.png\n");
        Assert.Equal(["a.png", "a.png#1", "b.png", "a.png#3"], Ids(list));
        var json = Write("list.jsonl");
        File.WriteAllText(json, """
            {"id": 7, "path": "a.png"}
            {"id": 7, "path": "b.png"}
            {"path": 7}
            {}
            {}
            """);
        Assert.Equal(["7", "7#1", "7#2", "list.jsonl#3", "list.jsonl#4"], Ids(json));
        Tables.Run($"copy (select case when i > 2000 then 'k' else 'k' || i end as key, 'text' as text from range(2003) t(i)) to '{_folder.File("k.parquet")}'");
        Assert.Equal(["k2000", "k", "k#2002"], Ids(new InputOptions { Texts = true }, "k.parquet")[^3..]);
    }

    [Fact]
    public void WhatCantBeToldApartIsNamed()
    {
        var list = Write("list.txt");
        File.WriteAllText(list, "a.png\na.png\na.png#1\n");
        var message = Assert.Throws<EmbedException>(() => Ids(list)).Message;
        Assert.Contains("list.txt: two inputs are called a.png, and a third a.png#1", message);
    }

    [Theory]
    [InlineData("photos", "photos")]
    [InlineData("photos", "photos/")]
    [InlineData("photos/", "more/../photos")]
    public void AFolderThatIsGivenTwiceIsRefused(string first, string second)
    {
        Directory.CreateDirectory(_folder.File("photos"));
        var error = Assert.Throws<ArgumentException>(() => Ids(first, "photos/..", second));
        Assert.Contains($"{_folder.File("photos")} is given twice, as input 1 and 3", error.Message);
    }

    [Theory]
    [InlineData("a", "/x/a")]
    [InlineData("a b", "/x/a", "/x/b")]
    [InlineData("x/a y/a y/b", "/x/a", "/y/a", "/y/b")]
    [InlineData("x/y/a z/y/a /y/a //d", "/x/y/a", "/z/y/a", "/y/a", "/d")]
    [InlineData(" d", "/", "/d")]
    public void LabelsHaveWhatTellsPathsApart(string expected, params string[] paths) => Assert.Equal(expected.Split(' '), InputLabels.Of(paths));

    /// <summary>The ids in the form that the inputs need, which are also those with which they are read.</summary>
    private string[] Ids(params string[] inputs) => Ids(new InputOptions(), inputs);

    private string[] Ids(InputOptions options, params string[] inputs)
    {
        string[] paths = [.. inputs.Select(_folder.File)];
        var form = InputIds.Choose(InputSources.Open(paths, options));
        var sources = InputSources.Open(paths, options, form);
        string[] ids = [.. sources.SelectMany(source => source.Ids())];
        AssertUnique(ids);
        Assert.Equal(ids, sources.SelectMany(source => source.Read(0, source.Count)).Select(input => input.Id));
        return ids;
    }

    private static void AssertUnique(string[] ids) => Assert.Equal(ids.Length, ids.Distinct().Count());

    private string Tar(string name, params string[] members)
    {
        using var writer = new TarWriter(File.Create(Write(name)));
        foreach (var member in members)
            writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, member) { DataStream = new MemoryStream([1]) });
        return _folder.File(name);
    }

    private string Write(string name)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(name))!);
        File.WriteAllText(_folder.File(name), "");
        return _folder.File(name);
    }
}
