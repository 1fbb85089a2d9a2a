namespace AltClip.Tests;

/// <summary>The reference's tokenizers, read once.</summary>
internal static class ReferenceTokenizer
{
    private static readonly Lazy<XLMRobertaTokenizer> Loaded = new(() => XLMRobertaTokenizer.FromFile(TestData.Path("tokenizer", "sentencepiece.bpe.model")));

    public static XLMRobertaTokenizer Instance => Loaded.Value;

    public static string[] Lines { get; } = File.ReadAllText(TestData.Path("tokenizer", "lines.txt")).Split('\n');
}
