using System.Text.Json;
using System.Text.Json.Nodes;
using AltClip.Tests;
using AltClip.Training.Teacher;
using Xunit;

namespace AltClip.Training.Tests;

public sealed class CLIPTokenizerTests : IDisposable
{
    private static readonly string Folder = TestData.Path("clip-tokenizer");
    private static readonly Lazy<CLIPTokenizer> Tokenizer = new(() => CLIPTokenizer.FromPretrained(Folder));

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("cafe\u0301", "café")]
    [InlineData("\u0958", "\u0915\u093C")]
    [InlineData("ΟΔΥΣΣΕΥΣ", "οδυσσευσ")]
    [InlineData("\u0130x", "i\u0307x")]
    [InlineData("a \u00A0\t\u2003b", "a b")]
    [InlineData("<|STARTOFTEXT|>x", "<|startoftext|>x")]
    public void TextsThatMeanTheSameHaveTheSameIds(string text, string same) => Assert.Equal(Ids(same), Ids(text));

    [Fact]
    public void ALoneSurrogateCountsAsReplacementCharacter() => Assert.Equal(Ids("x\uFFFDy"), Ids("x\uD800y"));

    [Fact]
    public void TokensWrittenInTheTextAreFound() => Assert.Equal([49406, 320, 49407, 1929, 49407], Ids("a<|endoftext|> dog"));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TokenizerJsonGivesTheSame(bool mergesAsPairs)
    {
        var merges = File.ReadLines(Path.Combine(Folder, "merges.txt")).Skip(1).Where(line => line.Length > 0);
        var json = new JsonObject
        {
            ["added_tokens"] = new JsonArray(Added(49406, "<|startoftext|>"), Added(49407, "<|endoftext|>")),
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["end_of_word_suffix"] = "</w>",
                ["vocab"] = JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, "vocab.json"))),
                ["merges"] = JsonSerializer.SerializeToNode(merges.Select(merge => mergesAsPairs ? (object)merge.Split(' ') : merge)),
            },
        };
        File.WriteAllText(_folder.File("tokenizer.json"), json.ToJsonString());
        string[] texts = [.. JsonSerializer.Deserialize<string[]>(File.ReadAllText(Path.Combine(Folder, "lines.json")))!.Take(60)];
        Assert.Equal(Tokenizer.Value.Encode(texts).InputIds, CLIPTokenizer.FromPretrained(_folder.Path).Encode(texts).InputIds);

        static JsonObject Added(int id, string content) => new()
        {
            ["id"] = id,
            ["content"] = content,
            ["single_word"] = false,
            ["lstrip"] = false,
            ["rstrip"] = false,
            ["normalized"] = true,
            ["special"] = true,
        };
    }

    [Theory]
    [InlineData("{\"a\":0,\"a\":1}", "#version\n", "has 'a' twice", "vocab.json")]
    [InlineData("{\"a\":0}", "#version\n", "has no <|startoftext|>", "")]
    [InlineData("{\"<|startoftext|>\":0,\"<|endoftext|>\":1}", "#version\na b\n", "merges don't fit", "")]
    public void FilesThatAreNoTokenizerAreNamed(string vocabulary, string merges, string expected, string file)
    {
        File.WriteAllText(_folder.File("vocab.json"), vocabulary);
        File.WriteAllText(_folder.File("merges.txt"), merges);
        string message = Assert.Throws<TokenizerException>(() => CLIPTokenizer.FromPretrained(_folder.Path)).Message;
        Assert.Contains(expected, message);
        Assert.StartsWith(Path.Combine(_folder.Path, file), message);
    }

    [Theory]
    [InlineData("[null]", "merges has null")]
    [InlineData("[[\"a\"]]", "merges has [\"a\"]")]
    [InlineData("[[\"a\",\"b\",\"c\"]]", "merges has [\"a\",\"b\",\"c\"]")]
    public void MergesThatAreNoPairsAreNamed(string merges, string expected)
    {
        File.WriteAllText(
            _folder.File("tokenizer.json"),
            $$$"""{"added_tokens":[],"model":{"type":"BPE","end_of_word_suffix":"</w>","vocab":{"<|startoftext|>":0,"<|endoftext|>":1},"merges":{{{merges}}} }}""");
        string message = Assert.Throws<TokenizerException>(() => CLIPTokenizer.FromPretrained(_folder.Path)).Message;
        Assert.Contains(expected, message);
        Assert.StartsWith(_folder.File("tokenizer.json"), message);
    }

    [Fact]
    public void AnAddedTokenThatIsTooLongIsToldWithTheFolder()
    {
        File.WriteAllText(
            _folder.File("tokenizer.json"),
            $$$"""{"added_tokens":[{"id":2,"content":"{{{new string('x', 2000)}}}","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":false}],"model":{"type":"BPE","end_of_word_suffix":"</w>","vocab":{"<|startoftext|>":0,"<|endoftext|>":1},"merges":[]}}""");
        Assert.StartsWith(_folder.Path, Assert.Throws<TokenizerException>(() => CLIPTokenizer.FromPretrained(_folder.Path)).Message);
    }

    [Fact]
    public void PaddingAndTruncation()
    {
        string[] texts = ["a", "a photo of a cat"];
        BatchEncoding longest = Tokenizer.Value.Encode(texts, maxLength: 5);
        Assert.Equal([[49406, 320, 49407, 49407, 49407], [49406, 320, 1125, 539, 49407]], longest.InputIds);
        Assert.Equal([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]], longest.AttentionMask!);
        Assert.Equal(3, Tokenizer.Value.Encode(texts, PaddingStrategy.None).InputIds[0].Length);
        Assert.All(Tokenizer.Value.Encode(texts, PaddingStrategy.MaxLength).InputIds, row => Assert.Equal(77, row.Length));
        Assert.Equal([49406, 49407], Tokenizer.Value.Encode(["cats"], maxLength: 2).InputIds[0]);
        Assert.Empty(Tokenizer.Value.Encode([]).InputIds);
    }

    [Fact]
    public void BadArgumentsAreRefusedByName()
    {
        Assert.Throws<ArgumentOutOfRangeException>("maxLength", () => Tokenizer.Value.Encode(["a"], maxLength: 1));
        Assert.Throws<ArgumentException>("maxLength", () => Tokenizer.Value.Encode(["a"], PaddingStrategy.MaxLength, maxLength: null));
        Assert.Contains("Text 1", Assert.Throws<ArgumentException>("texts", () => Tokenizer.Value.Encode(["a", null!])).Message);
    }

    [Fact]
    public void BadFilesAreNamed()
    {
        Assert.Throws<DirectoryNotFoundException>(() => CLIPTokenizer.FromPretrained(_folder.File("nowhere")));
        Assert.Contains("vocab.json", Assert.Throws<FileNotFoundException>(() => CLIPTokenizer.FromPretrained(_folder.Path)).Message);

        File.WriteAllText(_folder.File("merges.txt"), "#version: 0.2\na b\n");
        foreach (string vocabulary in new[] { "{", "[]", """{"a": "one"}""", """{"a": 1, "b": 2, "<|startoftext|>": 3, "<|endoftext|>": 4}""", """{"a": 1}""" })
        {
            File.WriteAllText(_folder.File("vocab.json"), vocabulary);
            Assert.Contains(_folder.Path, Assert.Throws<TokenizerException>(() => CLIPTokenizer.FromPretrained(_folder.Path)).Message);
        }
        foreach (string json in new[] { "[]", "{}", """{"model": {"type": "Unigram"}}""", """{"model": {"type": "BPE", "end_of_word_suffix": null}}""" })
        {
            File.WriteAllText(_folder.File("tokenizer.json"), json);
            Assert.Contains("tokenizer.json", Assert.Throws<TokenizerException>(() => CLIPTokenizer.FromPretrained(_folder.Path)).Message);
        }
    }

    private static int[] Ids(string text) => Tokenizer.Value.Encode([text]).InputIds[0];
}
