using AltClip.Tests;
using AltClip.Training.Data;
using AltClip.Training.Evaluation;
using Xunit;

namespace AltClip.Cli.Tests;

/// <summary>Training and evaluation from Parquet files as Hugging Face's data sets have them, written by DuckDB.</summary>
public sealed class ParquetDataTests : IDisposable
{
    private static readonly string[] Emoji = ["penguin", "pizza", "rocket", "cactus"];

    private readonly TemporaryFolder _folder = new();

    public ParquetDataTests()
    {
        foreach (var name in Emoji) File.Copy(TestData.Path("emoji", $"{name}.png"), _folder.File($"{name}.png"));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void PicturesAreBytesOrPathsRowByRow()
    {
        var file = Write("train.parquet", $"""
            select struct_pack(bytes := case when i = 1 then null else content end, path := name) as image, 'a ' || name as caption
            from (select row_number() over () - 1 as i, content, parse_filename(filename) as name from read_blob('{_folder.File("*.png")}') order by filename)
            """);
        var set = CaptionedImages.FromFile(file);
        Assert.Equal(["a cactus.png", "a penguin.png", "a pizza.png", "a rocket.png"], set.Select(example => example.Captions.Single()));
        Assert.Equal([$"{file}[0]", _folder.File("penguin.png"), $"{file}[2]", $"{file}[3]"], set.Select(example => example.Image.Name));
        foreach (var (name, example) in new[] { "cactus", "penguin", "pizza", "rocket" }.Zip(set)) AssertPicture(name, example.Image);
        File.Delete(_folder.File("penguin.png"));
        Assert.Equal([_folder.File("penguin.png")], Assert.Throws<MissingImagesException>(() => CaptionedImages.FromFile(file)).MissingImages);
    }

    [Theory]
    [InlineData("19F5FFFFFFFF0700", "a list of 2147483647 elements")] // of int32
    [InlineData("1B FFFFFFFF07 8C 00", "a list of 2147483647 elements")] // a map
    [InlineData("18FFFFFFFF0700", "ends in the middle")] // a string
    [InlineData("15FFFFFFFFFFFFFFFFFFFFFF00", "a number without an end")]
    [InlineData("15", "ends in the middle")]
    [InlineData("1E00", "a value of kind 14")]
    public async Task AFooterThatIsNotWhatItSaysIsRefusedAtOnce(string footer, string expected)
    {
        var bytes = Convert.FromHexString(footer.Replace(" ", ""));
        var file = _folder.File("embeddings.parquet");
        File.WriteAllBytes(file, [.. "PAR1"u8, .. bytes, .. BitConverter.GetBytes(bytes.Length), .. "PAR1"u8]);
        var errors = new[] { Assert.Throws<DataSetException>(() => CaptionedImages.FromFile(file)).Message, (await Assert.ThrowsAsync<EmbedException>(() => new ParquetEmbeddings().ReadAsync(_folder.Path, 1))).Message };
        Assert.All(errors, error => Assert.Contains(expected, error));
        Assert.All(errors, error => Assert.Contains(file, error));
    }

    [Fact]
    public void AFooterNestedWithoutAnEndIsRefused()
    {
        var file = _folder.File("x.parquet");
        File.WriteAllBytes(file, [.. "PAR1"u8, .. Enumerable.Repeat((byte)0x1C, 100_000), .. BitConverter.GetBytes(100_000), .. "PAR1"u8]);
        Assert.Contains("nested more than 64 deep", Assert.Throws<DataSetException>(() => CaptionedImages.FromFile(file)).Message);
    }

    [Theory]
    [InlineData("['one', 'two']", "captions", null, "one two")]
    [InlineData("[{'raw': 'one', 'sentid': 1}, {'raw': 'two', 'sentid': 2}]", "sentences", "sentences", "one two")]
    [InlineData("[{'raw': 'one', 'tokens': ['o']}]", "sentences", "sentences.raw", "one")]
    [InlineData("[{'raw': 'one', 'tokens': ['o', 'p']}]", "sentences", "sentences/tokens", "o p")]
    [InlineData("[{'text': 'one', 'other': 'x'}, {'text': null, 'other': 'y'}]", "captions", null, "one")]
    [InlineData("{'en': 'one', 'de': 'eins'}", "translation", "translation.de", "eins")]
    [InlineData("'one'", "TEXT", null, "one")]
    [InlineData("'one'", "Caption", "caption", "one")]
    public void CaptionsAreTextsListsOrInStructs(string value, string column, string? asked, string expected)
    {
        var file = Write("x.parquet", $"select 'penguin.png' as FILE_NAME, {value} as {column}, [struct_pack(bbox := [1.0, 2.0], category := 3)] as objects");
        var set = CaptionedImages.FromFile(file, new() { CaptionColumns = asked is null ? null : [asked] });
        Assert.Equal(expected.Split(' '), Assert.Single(set).Captions);
        AssertPicture("penguin", set[0].Image);
    }

    [Fact]
    public void ListsOfAllLengthsBelongToTheirRows()
    {
        var file = Write("x.parquet", """
            select 'penguin.png' as image, case when i % 7 = 5 then null when i % 7 = 6 then [] else [case when j % 3 = 2 then null else {'raw': i || ' ' || j} end for j in range(i % 7)] end as captions
            from range(5000) t(i)
            """, "row_group_size 2048");
        var problems = Assert.Throws<DataSetException>(() => CaptionedImages.FromFile(file)).Problems;
        Assert.Equal(Enumerable.Range(0, 5000).Where(i => i % 7 is 0 or 5 or 6).Select(i => $"row {i}: no caption"), problems);
        var expected = Enumerable.Range(0, 5000).Where(i => i % 7 < 5).SelectMany(i => Enumerable.Range(0, i % 7).Where(j => j % 3 != 2).Select(j => $"{i} {j}"));
        Assert.Equal(expected, Assert.Single(CaptionedImages.FromFile(file, new() { SkipProblems = true })).Captions);
    }

    [Fact]
    public void RowsWithoutACaptionOrAPictureAreFoundOnOpening()
    {
        var file = Write("x.parquet", """
            select * from (values ('penguin.png', 'a'), ('pizza.png', null), ('rocket.png', ' '), (null, 'd'), ('cactus.png', 'e')) t(image, text)
            """);
        string[] problems = ["row 1: no caption", "row 2: no caption", "row 3: no picture, or more than one"];
        Assert.Equal(problems, Assert.Throws<DataSetException>(() => CaptionedImages.FromFile(file)).Problems);
        var set = CaptionedImages.FromFile(file, new() { SkipProblems = true });
        Assert.Equal(problems, set.Problems);
        Assert.Equal(["a", "e"], set.Select(example => example.Captions.Single()));
    }

    [Fact]
    public void AColumnOfNumbersIsNoCaption()
    {
        var file = Write("x.parquet", "select 'penguin.png' as image, 7 as caption");
        Assert.Contains("no column caption or captions or text or title with texts; found image (text), caption (int32)",
            Assert.Throws<DataSetException>(() => CaptionedImages.FromFile(file)).Message);
        Assert.Contains("found image (text), caption (int32)", Assert.Throws<DataSetException>(() => CaptionedImages.FromFile(file, new() { CaptionColumns = ["caption"] })).Message);
        Assert.Throws<ArgumentException>(() => CaptionedImages.FromFile(file, new() { Delimiter = ';' }));
        var cut = _folder.Write("cut.parquet", File.ReadAllBytes(file)[..^9]);
        Assert.Contains("no whole Parquet file", Assert.Throws<DataSetException>(() => CaptionedImages.FromFile(cut)).Message);
    }

    [Fact]
    public void SeveralFilesAreOneDataSetInWhichRowGroupsStayTogether()
    {
        foreach (var part in new[] { 0, 1 })
        {
            Write($"train-{part:D5}.parquet", $"""
                select struct_pack(bytes := content, path := null::varchar) as image, '{part} ' || i as caption
                from read_blob('{_folder.File("pizza.png")}'), range(5000) t(i)
                """, "row_group_size 2048");
        }
        var set = CaptionedImages.FromFile(_folder.File("train-{00000..00001}.parquet"));
        Assert.Equal(10_000, set.Count);
        Assert.Equal("1 4999", set[9_999].Captions[0]);
        AssertPicture("pizza", set[9_999].Image);
        Assert.Equal([2048, 2048, 904, 2048, 2048, 904], ((IShards)set).ShardSizes);
        Assert.Equal([_folder.File("train-00002.parquet")],
            Assert.Throws<DataSetException>(() => CaptionedImages.FromFile(_folder.File("train-{00000..00002}.parquet"))).Problems);
        ReplacedFile.By(_folder.File("train-00001.parquet"), File.ReadAllBytes(_folder.File("train-00000.parquet")));
        Assert.Contains("train-00001.parquet was replaced", Assert.Throws<IOException>(() => set[5000].Image.Kept()).Message);
    }

    [Fact]
    public void RowGroupsAreReadOnceWhereThereIsRoomAndAgainWhereNot()
    {
        var file = Write("x.parquet", "select encode(repeat(chr(97 + (i // 2048)::int), 10)) as jpg from range(6144) t(i)", "row_group_size 2048");
        var parquet = new ParquetFile(file, () => File.OpenRead(file), (what, error) => new IOException(what, error));
        foreach (var (most, reads) in new[] { (1L << 20, 3), (41_000, 3), (20_000, 6) })
        {
            var pictures = new ParquetPictures(most);
            foreach (var (group, letter) in new[] { (0, 'a'), (1, 'b'), (0, 'a'), (1, 'b'), (2, 'c'), (2, 'c'), (1, 'b') })
                Assert.Equal(new string(letter, 10), System.Text.Encoding.ASCII.GetString(pictures.Get(parquet, "jpg", group, 5).Span));
            Assert.Equal(reads, pictures.Reads);
        }
    }

    [Fact]
    public void ClassificationReadsPicturesAndNumbers()
    {
        var file = Write("val.parquet", $"""
            select struct_pack(bytes := content, path := 'x') as image, (row_number() over ()) % 2 as label from read_blob('{_folder.File("*.png")}')
            """);
        var set = LabelledImages.FromFile(file);
        Assert.Equal(["0", "1"], set.Classes);
        Assert.Equal([1, 0, 1, 0], set.Select(image => image.Label));
        Assert.Equal(4, set.Select(image => image.Image.Name).Distinct().Count());
    }

    [Fact]
    public void TextsAndTheirTranslationsAreRead()
    {
        var file = Write("opus.parquet", "select {'en': 'a cat', 'de': 'eine Katze'} as translation");
        var pair = Assert.Single(ParallelTexts.FromFile(file, new() { SourceColumn = "translation.en", TargetColumns = ["translation.de"] }));
        Assert.Equal(("a cat", "eine Katze"), (pair.Source, pair.Target));
    }

    [Fact]
    public async Task TheCommandTrainsFromIt()
    {
        var file = Write("train.parquet", $"""
            select struct_pack(bytes := content, path := null::varchar) as image, case when filename like '%rocket%' then null else 'a picture' end as TEXT
            from read_blob('{_folder.File("*.png")}')
            """);
        var (code, _, errors) = await Cli.RunAsync("train", file, "-o", _folder.File("refused"), "--steps", "1", "-b", "3", "--learning-rate", "1e-6");
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("row 3: no caption", errors);
        var result = await Cli.RunAsync("train", file, "-o", _folder.File("out"), "--steps", "1", "-b", "3", "--learning-rate", "1e-6", "--skip-unreadable", "--json");
        Assert.Equal(1, (int)result.Done()["steps"]!);
        Assert.Contains("1 examples are left out:", result.Errors);
        Assert.Contains("row 3: no caption", result.Errors);
    }

    [Fact]
    public async Task AModelTrainsOnSeveralFilesAndKnowsThemAgain()
    {
        foreach (var part in new[] { 0, 1 }) WritePart(part, "a picture");
        string[] arguments = ["train", _folder.File("x-{0..1}.parquet"), "-o", _folder.File("out"), "-b", "4", "--learning-rate", "1e-6", "--resume", "--steps"];
        Assert.Equal(1, (int)(await Cli.RunAsync([.. arguments, "1", "--json"])).Done()["steps"]!);
        var (code, _, errors) = await Cli.RunAsync([.. arguments, "2", "--override"]);
        Assert.True(code == ExitCode.Done, errors);
        Assert.Contains("Going on after step 1", errors);
        Assert.DoesNotContain("data", errors);
        // Of any of them.
        WritePart(1, "another picture");
        (code, _, errors) = await Cli.RunAsync([.. arguments, "2"]);
        Assert.Equal(ExitCode.WrongUsage, code);
        Assert.Contains("data", errors);
    }

    private void WritePart(int part, string caption) => Write($"x-{part}.parquet", $"""
        select struct_pack(bytes := content, path := null::varchar) as image, '{caption} {part}' as caption from read_blob('{_folder.File("*.png")}')
        """);

    private static void AssertPicture(string name, ImageSource image)
    {
        using var processor = new DecodedPictures();
        Assert.Equal(processor.Of(ImageSource.FromFile(TestData.Path("emoji", $"{name}.png"))), processor.Of(image));
    }

    private string Write(string name, string query, string options = "row_group_size 2048")
    {
        Tables.Run($"copy ({query}) to '{_folder.File(name)}' (format parquet, {options})");
        return _folder.File(name);
    }

    /// <summary>Pictures as the model gets them.</summary>
    private sealed class DecodedPictures : IDisposable
    {
        private readonly AltCLIPProcessor _processor = AltCLIPProcessor.FromPretrained(BuiltInModel.Folder);

        public float[] Of(ImageSource image)
        {
            using var inputs = _processor.Process(images: [image]);
            return inputs.PixelValues!.data<float>().ToArray();
        }

        public void Dispose() => _processor.Dispose();
    }
}
