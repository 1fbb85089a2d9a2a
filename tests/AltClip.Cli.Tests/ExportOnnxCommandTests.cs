using AltClip.Tests;
using Xunit;

namespace AltClip.Cli.Tests;

/// <summary><c>export onnx</c>; what the files compute, AltClip.Onnx.Tests holds.</summary>
public sealed class ExportOnnxCommandTests : IDisposable
{
    private static readonly string Model = TestData.Path("e2e");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task PrecisionsStandSideBySideWithWhatPreparesInputs()
    {
        var full = (await Cli.RunAsync("export", "onnx", Model, "--output", _folder.Path, "--json")).Done();
        var half = (await Cli.RunAsync("export", "onnx", Model, "--output", _folder.Path, "--precision", "float16", "--json")).Done();
        Assert.Equal(["onnx/text_model.onnx", "onnx/vision_model.onnx", "config.json"], full["files"]!.AsArray().Select(file => ((string)file!["name"]!).Replace('\\', '/')));
        Assert.InRange((long)half["files"]![0]!["length"]!, 1, (long)full["files"]![0]!["length"]! * 3 / 4);
        Assert.Equal(4, Directory.GetFiles(_folder.File("onnx")).Length);
        using var processor = AltCLIPProcessor.FromPretrained(_folder.Path);
        Assert.Equal(AltCLIPConfig.FromPretrained(Model).ProjectionDim, AltCLIPConfig.FromPretrained(_folder.Path).ProjectionDim);
    }

    [Fact]
    public async Task AnotherModelsFolderStaysAsItIs()
    {
        var other = TestData.Path("checkpoints", "base");
        foreach (var file in Directory.GetFiles(other)) File.Copy(file, _folder.File(Path.GetFileName(file)));
        var before = _folder.Files.ToDictionary(name => name, name => File.ReadAllBytes(_folder.File(name)));
        var result = await Cli.RunAsync("export", "onnx", Model, "--output", _folder.Path);
        Assert.Equal(ExitCode.WrongUsage, result.Code);
        Assert.Contains("has a model of its own (model.safetensors); give another one.", result.Errors);
        Assert.Equal(before, _folder.Files.ToDictionary(name => name, name => File.ReadAllBytes(_folder.File(name))));
    }

    /// <summary>Its precisions would stand beside those of this one, and who loads them would mix both.</summary>
    [Fact]
    public async Task AnotherModelsExportStaysAsItIs()
    {
        Assert.Equal(ExitCode.Done, (await Cli.RunAsync("export", "onnx", Model, "--output", _folder.Path, "--precision", "int8")).Code);
        var before = Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories).ToDictionary(name => name, File.ReadAllBytes);
        using var other = new TemporaryFolder();
        foreach (var file in Directory.GetFiles(Model)) File.Copy(file, other.File(Path.GetFileName(file)));
        using (var model = AltCLIPModel.FromPretrained(Model))
        {
            using var noGrad = TorchSharp.torch.no_grad();
            model.logit_scale.add_(1);
            model.SavePretrained(other.Path);
        }
        var result = await Cli.RunAsync("export", "onnx", other.Path, "--output", _folder.Path);
        Assert.Equal(ExitCode.Failed, result.Code);
        Assert.Contains("another model's export, onnx/text_model_int8.onnx; expected", result.Errors);
        Assert.Equal(before, Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories).ToDictionary(name => name, File.ReadAllBytes));
        // What is replaced altogether mixes nothing.
        Assert.Equal(ExitCode.Done, (await Cli.RunAsync("export", "onnx", other.Path, "--output", _folder.Path, "--precision", "int8")).Code);
    }

    [Fact]
    public async Task AModelWithoutTokenizerIsRefusedBeforeAnythingIsWritten()
    {
        var result = await Cli.RunAsync("export", "onnx", TestData.Path("checkpoints", "base"), "--output", _folder.File("new"));
        Assert.Equal(ExitCode.Failed, result.Code);
        Assert.Contains("tokenizer.json", result.Errors);
        Assert.Empty(_folder.Files);
    }
}
