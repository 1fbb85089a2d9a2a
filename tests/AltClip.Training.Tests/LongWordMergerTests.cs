using System.Diagnostics;
using System.Text.Json;
using AltClip.Tests;
using AltClip.Training.Teacher;
using Xunit;

namespace AltClip.Training.Tests;

public class LongWordMergerTests
{
    private static readonly string Folder = TestData.Path("clip-tokenizer");
    private static readonly Lazy<CLIPTokenizer> Tokenizer = new(() => CLIPTokenizer.FromPretrained(Folder));
    private static readonly Lazy<LongWordMerger> Merger = new(() => LongWordMerger.Create(CLIPVocabulary.Read(Folder))!);

    [Fact]
    public void WordsHaveTheIdsThatTheTokenizerGivesThem()
    {
        string[] lines = JsonSerializer.Deserialize<string[]>(File.ReadAllText(Path.Combine(Folder, "lines.json")))!;
        string[] words = [.. lines.SelectMany(line => new CLIPPreTokenizer().PreTokenize(CLIPNormalizer.Normalize(line)).Select(word => CLIPNormalizer.Normalize(line).Substring(word.Offset, word.Length)))
            .Where(word => word.Length < LongWordMerger.FewestCharacters).Distinct()];
        Assert.True(words.Length > 1000);
        Assert.All(words, word => Assert.Equal(Ids(word), Merged(word)));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("ab")]
    [InlineData("hello")]
    [InlineData("火箭")]
    [InlineData("!?")]
    [InlineData("ﬀ😀e")]
    public void WordsOfRunsDoToo(string run)
    {
        for (int times = 1; times < 40; times++)
        {
            string word = string.Concat(Enumerable.Repeat(run, times));
            if (new CLIPPreTokenizer().PreTokenize(word).Count() == 1) Assert.Equal(Ids(word), Merged(word));
        }
    }

    [Fact]
    public void AWordOfAMillionLettersTakesSeconds()
    {
        var time = Stopwatch.StartNew();
        string word = string.Concat(Enumerable.Repeat("abcd", 250_000));
        int[] ids = Tokenizer.Value.Encode([$"x {word} y"], maxLength: null).InputIds[0];
        Assert.InRange(time.Elapsed.TotalSeconds, 0, 10);
        Assert.Equal([49406, .. Ids("x"), .. Merged(word), .. Ids("y"), 49407], ids);
    }

    private static int[] Ids(string word) => Tokenizer.Value.Encode([word], maxLength: null).InputIds[0][1..^1];

    private static int[] Merged(string word)
    {
        List<int> ids = [];
        Merger.Value.Encode(word, ids);
        return [.. ids];
    }
}
