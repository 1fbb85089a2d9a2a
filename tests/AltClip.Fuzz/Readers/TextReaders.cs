using AltClip.Training.Teacher;

namespace AltClip.Fuzz.Readers;

/// <summary>What reads tokenizers, and texts.</summary>
internal sealed class TextReaders(Seeds seeds)
{
    private static readonly string[] Texts = ["", "a dog, 一只狗", " \u0301\u0301e\u0323 ", "<s> x<mask> y</s><pad>", "\ud800 \U0001F468\u200D\U0001F469"];

    private readonly XLMRobertaTokenizer _tokenizer = XLMRobertaTokenizer.FromFile(seeds.At("foreign", "tokenizers", "small", "sentencepiece.bpe.model"));
    private readonly CLIPTokenizer _clip = CLIPTokenizer.FromPretrained(seeds.At("clip-tokenizer"));

    public IEnumerable<(string Name, Func<FuzzTarget> Create)> All(Seeds seeds) =>
    [
        ("tokenizer-json", () => new("", [.. seeds.SmallTokenizers()], folder => Use(XLMRobertaTokenizer.FromFile(Directory.GetFiles(folder)[0])), NamesMember: true)),
        ("sentencepiece", () => new("", [seeds.Of("foreign", "tokenizers", "small", "sentencepiece.bpe.model")], folder => Use(XLMRobertaTokenizer.FromFile(Directory.GetFiles(folder)[0])))),
        ("tokenizer", () => new("", [.. seeds.Folders("foreign/tokenizers", "tokenizer.json", "sentencepiece.bpe.model")], folder => Use(XLMRobertaTokenizer.FromPretrained(folder)))),
        ("text", () => new("", [seeds.Of("tokenizer", "lines.txt")], ReadText, NamesFile: false)),
    ];

    private static void Use(XLMRobertaTokenizer tokenizer)
    {
        foreach (var row in tokenizer.Encode(Texts).InputIds) tokenizer.Decode(row);
    }

    private void ReadText(string folder)
    {
        var text = File.ReadAllText(Directory.GetFiles(folder)[0]);
        foreach (var row in _tokenizer.Encode([text]).InputIds) _tokenizer.Decode(row);
        _clip.Encode([text]);
    }
}
