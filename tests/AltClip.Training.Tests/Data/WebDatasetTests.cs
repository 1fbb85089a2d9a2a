using System.Formats.Tar;
using System.IO.Compression;
using AltClip.Imaging;
using AltClip.Tests;
using AltClip.Training.Data;
using Xunit;

namespace AltClip.Training.Tests;

public sealed class WebDatasetTests : IDisposable
{
    private static readonly byte[] Picture = TestPictures.Jpeg(20, 16);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ShardsAreListedByBracesAndReadByKey()
    {
        Write("s-008.tar", ("x/0001.jpg", Picture), ("x/0001.txt", "a cat\n"u8.ToArray()), ("x/0001.json", "{}"u8.ToArray()));
        Write("s-009.tar", ("0002.cls", [1]), ("0002.PNG", Picture), ("0002.json", "{\"caption\": [\"one\", \"two\"]}"u8.ToArray()));
        Write("s-010.tar", ("0003.seg.png", [1]), ("0004.txt", "vier"u8.ToArray()), ("0004.webp", Picture));
        var set = WebDataset.Open(_folder.File("s-{008..009}.tar"));
        Assert.Equal(2, set.Count);
        Assert.Equal(["a cat"], set[0].Captions);
        Assert.Equal(["one", "two"], set[1].Captions);
        Assert.Equal(TestPictures.Decode(ImageSource.FromBytes(Picture)), TestPictures.Decode(set[1].Image));
        Assert.Equal(_folder.File("s-009.tar") + "[1]", set[1].Image.Name);
        var last = WebDataset.Open(_folder.File("s-{009,010}.tar"), new() { SkipProblems = true });
        Assert.Equal([1, 1], last.ShardSizes);
        Assert.Contains("0003 has no picture", Assert.Single(last.Problems));
    }

    [Fact]
    public void PicturesOfAllFormatsAreFoundByName()
    {
        var names = ImageFormats.Extensions.Select((extension, i) => (i, extension)).ToList();
        Write("s.tar", [.. names.SelectMany(name => new[] { ($"{name.i}{name.extension}", Picture), ($"{name.i}.txt", "a cat"u8.ToArray()) })]);
        Assert.Equal(names.Count, WebDataset.Open(_folder.File("s.tar")).Count);
        Write("none.tar", ("1.", Picture), ("1.txt", "a cat"u8.ToArray()));
        var error = Assert.Throws<DataSetException>(() => WebDataset.Open(_folder.File("none.tar")));
        Assert.EndsWith($"1 has no picture; expected one of {string.Join(", ", ImageFormats.Extensions)}", Assert.Single(error.Problems));
    }

    [Theory]
    [InlineData("a{0..2}", "a0 a1 a2")]
    [InlineData("a{08..10}.{x,yz}", "a08.x a08.yz a09.x a09.yz a10.x a10.yz")]
    [InlineData("plain", "plain")]
    public void BracesExpand(string pattern, string expected) => Assert.Equal(expected.Split(' '), BracePattern.Expand(pattern));

    [Theory]
    [InlineData("a{0..2")]
    [InlineData("a{2..0}")]
    [InlineData("a{x..y}")]
    public void BadBracesAreRefused(string pattern) => Assert.Throws<ArgumentException>("pattern", () => WebDataset.Open(pattern));

    /// <summary>In each way in which .NET says so: its own header's sum holds, what it says can't be.</summary>
    [Theory]
    [InlineData(124, "77777777777\0", "truncated")]
    [InlineData(124, "\u0080\u007F\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF", "not a whole tar file")]
    [InlineData(136, "\u0080\u007F\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF", "not a whole tar file")]
    [InlineData(156, "S", "not a whole tar file")]
    public void HeadersThatCantBeAreToldOf(int offset, string field, string expected)
    {
        Write("s.tar", ("1.jpg", Picture), ("1.txt", "a cat"u8.ToArray()));
        ChangeHeader(_folder.File("s.tar"), (offset, field));
        var error = Assert.Throws<DataSetException>(() => WebDataset.Open(_folder.File("s.tar")));
        Assert.Contains(error.Problems, problem => problem.Contains(_folder.File("s.tar")) && problem.Contains(expected));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("L")]
    [InlineData("K")]
    public void WhatIsSaidToStandBeforeAHeaderTakesNoMemory(string type)
    {
        Write("s.tar", ("1.jpg", Picture), ("1.txt", "a cat"u8.ToArray()));
        ChangeHeader(_folder.File("s.tar"), (124, "07777777777\0"), (156, type));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<DataSetException>(() => WebDataset.Open(_folder.File("s.tar")));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000_000);
        Assert.Contains("what stands before a header has 1073741823 bytes", Assert.Single(error.Problems));
    }

    [Fact]
    public void AllThatIsWrongIsListed()
    {
        Write("t0.tar", ("1.jpg", Picture), ("2.txt", [65]), ("3.jpg", Picture), ("3.txt", [65]), ("3.txt", [66]), ("4.jpg", Picture), ("4.txt", [65]));
        using (var compressed = new GZipStream(File.Create(_folder.File("t1.tar")), CompressionLevel.Fastest))
            compressed.Write(File.ReadAllBytes(_folder.File("t0.tar")));
        File.WriteAllBytes(_folder.File("t3.tar"), TestPictures.Noise(5000, 2));
        Write("t2.tar", ("5.txt", [65]), ("5.jpg", TestPictures.Noise(5000, 1)));
        File.WriteAllBytes(_folder.File("t2.tar"), File.ReadAllBytes(_folder.File("t2.tar"))[..4000]);
        var error = Assert.Throws<DataSetException>(() => WebDataset.Open(_folder.File("t{0..3}.tar")));
        Assert.Contains(error.Problems, problem => problem.EndsWith("1 has no caption; expected .txt or .json"));
        Assert.Contains(error.Problems, problem => problem.Contains("2 has no picture"));
        Assert.Contains(error.Problems, problem => problem.EndsWith("3.txt is there twice"));
        Assert.Contains(error.Problems, problem => problem.EndsWith("t1.tar: it is compressed; expected a tar file as it is"));
        Assert.Contains(error.Problems, problem => problem.Contains("t3.tar: not a whole tar file"));
        Assert.Contains(error.Problems, problem => problem.Contains("t2.tar"));
        Assert.Equal(2, WebDataset.Open(_folder.File("t{0..3}.tar"), new() { SkipProblems = true }).Count);
    }

    [Fact]
    public void MissingShardsAndEmptySetsAreRefused()
    {
        Write("u0.tar");
        Assert.Equal([_folder.File("u1.tar"), _folder.File("u2.tar")],
            Assert.Throws<DataSetException>(() => WebDataset.Open(_folder.File("u{0..2}.tar"))).Problems);
        Assert.Contains("it is empty", Assert.Throws<DataSetException>(() => WebDataset.Open(_folder.File("u0.tar"))).Message);
        Assert.Throws<OperationCanceledException>(() => WebDataset.Open(_folder.File("u0.tar"), cancellationToken: new(canceled: true)));
    }

    [Fact]
    public void ShardsThatWereReplacedAreRefusedByName()
    {
        Write("w.tar", ("1.jpg", Picture), ("1.txt", "a cat"u8.ToArray()));
        Write("other.tar", ("1.txt", "a cat"u8.ToArray()), ("1.jpg", Picture));
        var set = WebDataset.Open(_folder.File("w.tar"));
        Assert.Equal(["a cat"], set[0].Captions);
        ReplacedFile.By(_folder.File("w.tar"), File.ReadAllBytes(_folder.File("other.tar")));
        Assert.Contains($"{_folder.File("w.tar")} was replaced", Assert.Throws<IOException>(() => set[0]).Message);
    }

    [Theory]
    [InlineData("json", "{\"caption\": null}", "no caption: 'caption' of its .json is null")]
    [InlineData("json", "{\"caption\": \" \"}", "no caption: 'caption' of its .json is empty")]
    [InlineData("json", "{\"caption\": []}", "no caption: 'caption' of its .json is empty")]
    [InlineData("json", "{\"caption\": [\"x\", null]}", "its .json has no text or list of texts named 'caption': found a JSON Null")]
    [InlineData("json", "{\"text\": \"x\"}", "no caption: its .json has no 'caption'")]
    [InlineData("json", "{\"caption\": 3}", "its .json has no text or list of texts named 'caption': found a JSON Number")]
    [InlineData("json", "{\"caption\": NaN}", "its .json can't be read: 'N' is an invalid start")]
    [InlineData("json", "{\"caption\": [\"x\", 3]}", "its .json has no text or list of texts named 'caption': found a JSON Number")]
    [InlineData("json", "[]", "its .json is a JSON Array; expected an object")]
    [InlineData("json", "nonsense", "its .json can't be read: 'n")]
    [InlineData("json", "", "its .json can't be read: ")]
    [InlineData("txt", "", "no caption: its .txt is empty")]
    [InlineData("txt", "\uFEFF \r\n", "no caption: its .txt is empty")]
    [InlineData("txt", "\u00FF", "its .txt isn't UTF-8")]
    public void ExamplesWithoutACaptionAreFoundOnOpeningAndLeftOutByKeyWhereThatIsAsked(string extension, string caption, string expected)
    {
        var bytes = caption == "\u00FF" ? [0xFF] : System.Text.Encoding.UTF8.GetBytes(caption);
        Write("v0.tar", ("x/0.jpg", Picture), ("x/0.txt", "7"u8.ToArray()));
        Write("v1.tar", ("x/1.jpg", Picture), ($"x/1.{extension}", bytes), ("x/2.jpg", Picture), ("x/2.json", "{\"caption\": [\"two\", \"\"]}"u8.ToArray()));
        var error = Assert.Throws<DataSetException>(() => WebDataset.Open(_folder.File("v{0..1}.tar")));
        Assert.StartsWith($"{_folder.File("v1.tar")}: x/1: {expected}", Assert.Single(error.Problems));
        var set = WebDataset.Open(_folder.File("v{0..1}.tar"), new() { SkipProblems = true });
        Assert.Equal(error.Problems, set.Problems);
        Assert.Equal(["7", "two"], set.SelectMany(example => example.Captions));
        Assert.Equal([1, 1], set.ShardSizes);
    }

    [Fact]
    public void NamesWithMoreDotsAreExplained()
    {
        Write("d.tar", ("x/a.b.c.jpg", Picture), ("x/a.b.c.txt", "a cat"u8.ToArray()), ("x/d.png", Picture), ("x/d.seg.png", Picture), ("x/d.txt", "a dog"u8.ToArray()));
        var problem = Assert.Single(Assert.Throws<DataSetException>(() => WebDataset.Open(_folder.File("d.tar"))).Problems);
        Assert.Contains("x/a has no picture; found .b.c.jpg, .b.c.txt. An example is called what stands before the first dot", problem);
        Assert.EndsWith("so that a.b.c.jpg is a 'b.c.jpg' of 'a' and no jpg; expected names with one dot, as a_b_c.jpg", problem);
        Assert.Equal(["a dog"], Assert.Single(WebDataset.Open(_folder.File("d.tar"), new() { SkipProblems = true })).Captions);
    }

    private void Write(string name, params (string Name, byte[] Bytes)[] members)
    {
        using var tar = new TarWriter(File.Create(_folder.File(name)), TarEntryFormat.Ustar);
        foreach (var (file, bytes) in members)
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, file) { DataStream = new MemoryStream(bytes) });
    }

    private static void ChangeHeader(string path, params (int Offset, string Field)[] changes)
    {
        var bytes = File.ReadAllBytes(path);
        foreach (var (offset, field) in changes) System.Text.Encoding.Latin1.GetBytes(field).CopyTo(bytes, offset);
        "        "u8.CopyTo(bytes.AsSpan(148));
        System.Text.Encoding.ASCII.GetBytes($"{Convert.ToString(bytes[..512].Sum(value => value), 8).PadLeft(6, '0')}\0 ").CopyTo(bytes, 148);
        File.WriteAllBytes(path, bytes);
    }
}
