using AltClip.Imaging.Magick;
using AltClip.Modeling.Adapters;
using AltClip.Training.Teacher;
using static TorchSharp.torch;

namespace AltClip.Fuzz;

/// <summary>The readers that are tried.</summary>
internal sealed class TargetSet : IDisposable
{
    private static readonly string[] Texts = ["", "a dog, 一只狗", " \u0301\u0301e\u0323 ", "<s> x<mask> y</s><pad>", "\ud800 \U0001F468\u200D\U0001F469"];

    private readonly string _data;
    private readonly IDisposable _formats = MagickDecoders.Register();
    private readonly AltCLIPModel _model;
    private readonly XLMRobertaTokenizer _tokenizer;
    private readonly CLIPTokenizer _clip;
    private readonly CLIPImageProcessor _processor = new(new CLIPImageProcessorConfig());
    private readonly byte[] _picture;

    public TargetSet(string data, string? only)
    {
        _data = data;
        _model = AltCLIPModel.FromPretrained(At("checkpoints", "base-f16"), float32);
        _tokenizer = XLMRobertaTokenizer.FromPretrained(At("e2e"));
        _clip = CLIPTokenizer.FromPretrained(At("clip-tokenizer"));
        _picture = File.ReadAllBytes(At("images", "files", "size-2x3.png"));
        FuzzTarget[] all =
        [
            new("model", Folders("checkpoints", "config.json"), folder => AltCLIPModel.FromPretrained(folder, float32).Dispose()),
            new("tokenizer", Folders("foreign/tokenizers", "tokenizer.json", "sentencepiece.bpe.model"), ReadTokenizer),
            new("processor", [At("e2e", "preprocessor_config.json")], ReadProcessor),
            new("adapter", Folders("adapters", "adapter_config.json"), folder => LoraAdapter.FromPretrained(_model, folder).Dispose()),
            new("picture", [.. Files("images/files"), .. Files("pictures/files")], ReadPicture),
            new("text", [At("tokenizer", "lines.txt")], ReadText, NamesFile: false),
        ];
        All = [.. all.Where(target => only is null || target.Name == only)];
        if (All.Count == 0) throw new ArgumentException($"There is no target {only}; expected one of {string.Join(", ", all.Select(target => target.Name))}.");
    }

    public IReadOnlyList<FuzzTarget> All { get; }

    public void Dispose()
    {
        _model.Dispose();
        _formats.Dispose();
    }

    private string At(params string[] parts) => Path.Combine([_data, .. parts]);

    private string[] Files(string folder) =>
        [.. Directory.GetFiles(At(folder)).Where(file => new FileInfo(file).Length < 100_000).Order(StringComparer.Ordinal)];

    /// <summary>Folders with one of the files and none that would take long to copy.</summary>
    private string[] Folders(string below, params string[] with) =>
    [
        .. Directory.GetDirectories(At(below), "*", SearchOption.AllDirectories)
            .Where(folder => with.Any(name => File.Exists(Path.Combine(folder, name))) && Directory.GetFiles(folder).Sum(file => new FileInfo(file).Length) < 700_000)
            .Order(StringComparer.Ordinal),
    ];

    private static void ReadTokenizer(string folder)
    {
        var tokenizer = XLMRobertaTokenizer.FromPretrained(folder);
        foreach (var row in tokenizer.Encode(Texts).InputIds) tokenizer.Decode(row);
    }

    private void ReadProcessor(string folder)
    {
        var processor = CLIPImageProcessor.FromPretrained(folder);
        try
        {
            using var batch = processor.Process(ImageSource.FromBytes(_picture, Path.Combine(folder, "picture")), new() { MaxPixels = 4_000_000 });
        }
        catch (ArgumentException e) when (e.ParamName == "options")
        {
            // more than MaxPixels allows, which Process documents
        }
    }

    private void ReadPicture(string folder)
    {
        using var batch = _processor.Process(ImageSource.FromFile(Directory.GetFiles(folder)[0]), new() { MaxPixels = 4_000_000 });
    }

    private void ReadText(string folder)
    {
        var text = File.ReadAllText(Directory.GetFiles(folder)[0]);
        foreach (var row in _tokenizer.Encode([text]).InputIds) _tokenizer.Decode(row);
        _clip.Encode([text]);
    }
}
