using AltClip.Conformance;
using Xunit;

namespace AltClip.Tests;

/// <summary>Tokenizers as other programs write them: each gives the right ids or is refused by name.</summary>
public class ForeignTokenizerTests
{
    private static readonly Dictionary<string, ForeignTokenizerCase> Cases =
        new ForeignTokenizerData(TestData.Path("foreign", "tokenizers")).Cases.ToDictionary(one => one.Name);

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_saved_says_the_same(string name)
    {
        ForeignTokenizerCase foreign = Cases[name];
        XLMRobertaTokenizer tokenizer;
        try
        {
            tokenizer = XLMRobertaTokenizer.FromPretrained(foreign.Folder);
        }
        catch (TokenizerException)
        {
            return;
        }
        using var saved = new TemporaryFolder();
        using var again = new TemporaryFolder();

        tokenizer.SavePretrained(saved.Path);
        XLMRobertaTokenizer read = XLMRobertaTokenizer.FromPretrained(saved.Path);
        read.SavePretrained(again.Path);

        Assert.Contains("tokenizer.json", saved.Files);
        Assert.Contains("\"XLMRobertaTokenizerFast\"", File.ReadAllText(saved.File("tokenizer_config.json")));
        Assert.Equal(saved.Files, again.Files);
        Assert.All(saved.Files, file => Assert.Equal(File.ReadAllBytes(saved.File(file)), File.ReadAllBytes(again.File(file))));
        Assert.Empty(foreign.Wrong(read));
        Assert.Equal(Settings(tokenizer), Settings(read));
        // the file alone says as much, but for which token is the mask
        if (!File.Exists(Path.Combine(foreign.Folder, "tokenizer.json")) && tokenizer.MaskTokenId == tokenizer.ConvertTokenToId("<mask>"))
            Assert.Empty(foreign.Wrong(XLMRobertaTokenizer.FromFile(saved.File("tokenizer.json"))));
    }

    private static string Settings(XLMRobertaTokenizer tokenizer) => string.Join(
        ' ', tokenizer.BosTokenId, tokenizer.EosTokenId, tokenizer.SepTokenId, tokenizer.ClsTokenId, tokenizer.UnkTokenId, tokenizer.PadTokenId,
        tokenizer.MaskTokenId, tokenizer.VocabSize, tokenizer.TotalVocabSize, tokenizer.ModelMaxLength, tokenizer.PaddingSide, tokenizer.TruncationSide,
        tokenizer.CleanUpTokenizationSpaces);
}
