using AltClip.Search.Tests;
using Xunit;

namespace AltClip.Cli.Tests;

/// <summary>Whatever is wrong with results is found.</summary>
[Collection<EmojiCollection>]
public sealed class JobVerifierTests(EmojiPipeline model) : JobTest(model)
{
    [Fact]
    public async Task LostPartsAreMissing()
    {
        await MakeAsync();
        Directory.Delete(Parts()[1], recursive: true);
        var report = await JobVerifier.VerifyAsync(Output);
        Assert.Equal((12, 8, 4, false), (report.Inputs, report.Embedded, report.Missing, report.IsWhole));
    }

    [Fact]
    public async Task AShardThatNeverRanIsMissing()
    {
        await RunAsync(Request(Pictures(12), new Shard(0, 2)));
        var report = await JobVerifier.VerifyAsync(Output);
        Assert.Equal((6, 6), (report.Embedded, report.Missing));
        Assert.Contains("shard-00001-of-00002 is not complete", report.Problems);
        Assert.True((await JobVerifier.VerifyAsync(Output, new Shard(0, 2))).IsWhole);
    }

    [Fact]
    public async Task RowsThatAreThereTwiceOrInAnotherPartAreFound()
    {
        await MakeAsync();
        var (first, second) = (RowsFile(0), RowsFile(1));
        File.WriteAllLines(first, [.. File.ReadAllLines(first), File.ReadAllLines(first)[2]]);
        File.WriteAllLines(second, [File.ReadAllLines(first)[0], .. File.ReadAllLines(second)[1..]]);
        var report = await JobVerifier.VerifyAsync(Output);
        Assert.Equal((11, 1, 1, 1, false), (report.Embedded, report.Twice, report.Unknown, report.Missing, report.IsWhole));
    }

    [Fact]
    public async Task EqualIdsInTheWholeJobAreFound()
    {
        var pictures = Pictures(12);
        foreach (var shard in Shard.All(3)) await RunAsync(Request(pictures, shard));
        var last = RowsFile(2);
        File.WriteAllText(last, File.ReadAllText(last).Replace("0009.png", "0001.png").Replace("0010.png", "0001.png"));
        var report = await JobVerifier.VerifyAsync(Output);
        Assert.Equal((12, 2, false), (report.Embedded, report.EqualIds, report.IsWhole));
        Assert.Equal(Enumerable.Repeat("0001.png is the id of another row too: shard-00002-of-00003, part 0", 2), report.Problems);
    }

    [Fact]
    public async Task DamagedNumbersAreFound()
    {
        await MakeAsync();
        var rows = File.ReadAllLines(RowsFile(0));
        rows[2] = rows[2].Replace("\"embedding\":[", "\"embedding\":[9,");
        rows[1] = rows[1].Replace("\"embedding\":[", "\"embedding\":[9") /* another first number */;
        File.WriteAllLines(RowsFile(0), rows);
        var report = await JobVerifier.VerifyAsync(Output);
        Assert.Equal((10, 2, false), (report.Embedded, report.Damaged, report.IsWhole));
    }

    [Fact]
    public async Task UnreadableAndForeignFilesAreNamed()
    {
        await MakeAsync();
        File.WriteAllText(RowsFile(1), "{");
        Directory.CreateDirectory(Path.Combine(Output, Shard.Whole.Name, "part-000007"));
        Directory.CreateDirectory(Path.Combine(Output, "shard-00003-of-00004"));
        var report = await JobVerifier.VerifyAsync(Output);
        Assert.Equal((8, 4, false), (report.Embedded, report.Missing, report.IsWhole));
        Assert.Contains(report.Problems, problem => problem.Contains("embeddings.jsonl is damaged"));
        Assert.Contains(report.Problems, problem => problem.Contains("part-000007"));
        Assert.Contains(report.Problems, problem => problem.Contains("shard-00003-of-00004"));
    }

    [Theory]
    [InlineData("\"shards\": 1,", "\"shards\": 2147483647,", "shards are 2147483647; expected 1 to 100000")]
    [InlineData("\"shards\": 1,", "\"shards\": 0,", "shards are 0; expected 1 to 100000")]
    [InlineData("\"part_size\": 4,", "\"part_size\": 0,", "part_size is 0; expected 1 or more")]
    [InlineData("\"format\": \"jsonl\"", "\"format\": 7", "$.format")]
    [InlineData("/pictures\"", "/nowhere\"", "no file or folder")]
    public async Task SettingsThatNoJobHasAreRefusedWithTheFilesName(string before, string after, string expected)
    {
        await MakeAsync();
        var file = Path.Combine(Output, "job.json");
        var text = File.ReadAllText(file);
        Assert.Contains(before, text);
        File.WriteAllText(file, text.Replace(before, after));
        var message = (await Assert.ThrowsAsync<EmbedException>(() => JobVerifier.VerifyAsync(Output))).Message;
        Assert.Contains(file, message);
        Assert.Contains(expected, message);
    }

    [Fact]
    public async Task AnyNumberOfPartsCostsNoMemory()
    {
        await MakeAsync();
        var file = Path.Combine(Output, Shard.Whole.Name, "complete.json");
        File.WriteAllText(file, File.ReadAllText(file).Replace("\"parts\": 3", "\"parts\": 2147483647"));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Empty(new JobFolder(Output).Open(Shard.Whole).FindStrangers(new JobFolder(Output).Open(Shard.Whole).ReadComplete()!.Parts));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000_000);
    }

    [Fact]
    public async Task InputsThatCameLaterAreFound()
    {
        await MakeAsync();
        File.Copy(Path.Combine(Folder, "pictures", "0000.png"), Path.Combine(Folder, "pictures", "later.png"));
        var report = await JobVerifier.VerifyAsync(Output);
        Assert.Equal((13, 1, false), (report.Inputs, report.Missing, report.IsWhole));
        Assert.Contains(report.Problems, problem => problem.Contains("other inputs"));
    }

    private Task<EmbedSummary> MakeAsync() => RunAsync(Request(Pictures(12)));

    private string RowsFile(int part) => Path.Combine(Parts()[part], "embeddings.jsonl");
}
