using System.Text.Json.Nodes;
using AltClip.Checkpoints;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Tests;

[Collection(nameof(ProcessWide))]
public sealed class PretrainedTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(20_000)]
    public void WhatIsSavedLoads(long maxShardSize)
    {
        using var scope = NewDisposeScope();
        using var model = ModelBuilder.Model();
        model.SavePretrained(_folder.Path, maxShardSize);
        Assert.Equal(maxShardSize == long.MaxValue, File.Exists(_folder.File("model.safetensors")));
        using var loaded = AltCLIPModel.FromPretrained(_folder.Path);
        AssertSameParameters(model, loaded);
        Assert.False(loaded.training);
    }

    [Fact]
    public void TowersSaveAndLoad()
    {
        using var scope = NewDisposeScope();
        using var text = new AltCLIPTextModel(ModelBuilder.Config().TextConfig);
        text.SavePretrained(_folder.File("text"));
        using var loadedText = AltCLIPTextModel.FromPretrained(_folder.File("text"));
        AssertSameParameters(text, loadedText);

        using var vision = new AltCLIPVisionModel(ModelBuilder.Config().VisionConfig);
        vision.SavePretrained(_folder.File("vision"));
        using var loadedVision = AltCLIPVisionModel.FromPretrained(_folder.File("vision"));
        AssertSameParameters(vision, loadedVision);
    }

    [Fact]
    public void SavedFolderSaysWhatTransformersExpects()
    {
        using var model = AltCLIPModel.FromPretrained(TestData.Path("checkpoints", "base"), ScalarType.BFloat16);
        model.SavePretrained(_folder.Path);
        var config = JsonNode.Parse(File.ReadAllText(_folder.File("config.json")))!;
        Assert.Equal("altclip", (string)config["model_type"]!);
        Assert.Equal("""["AltCLIPModel"]""", config["architectures"]!.ToJsonString());
        Assert.Equal("bfloat16", (string)config["torch_dtype"]!);
        using var file = SafeTensors.Open(_folder.File("model.safetensors"));
        Assert.Equal("pt", file.Metadata["format"]);
    }

    [Fact]
    public void TheTypeIsSaidWhereTransformers5SaysIt()
    {
        using var model = AltCLIPModel.FromPretrained(TestData.Path("checkpoints", "base-v5"), ScalarType.BFloat16);
        model.SavePretrained(_folder.Path);
        var config = JsonNode.Parse(File.ReadAllText(_folder.File("config.json")))!;
        Assert.Equal(
            ["bfloat16", "bfloat16", "bfloat16"],
            new[] { config, config["text_config"]!, config["vision_config"]! }.Select(part => (string)part["dtype"]!));
        Assert.Null(config["torch_dtype"]);
    }

    [Fact]
    public void ASaveThatFailsChangesNothing()
    {
        using var scope = NewDisposeScope();
        ModelBuilder.Model().SavePretrained(_folder.Path);
        var before = File.ReadAllBytes(_folder.File("model.safetensors"));
        var names = _folder.Files;
        // A folder in the configuration's place can't be replaced by a file.
        File.Delete(_folder.File("config.json"));
        Directory.CreateDirectory(_folder.File("config.json"));
        Assert.ThrowsAny<Exception>(() => ModelBuilder.Model().SavePretrained(_folder.Path));
        Assert.Equal(before, File.ReadAllBytes(_folder.File("model.safetensors")));
        Assert.Equal(names, _folder.Files);
    }

    [Fact]
    public void ShardSizesMayHaveAUnit()
    {
        using var model = ModelBuilder.Model();
        model.SavePretrained(_folder.Path, "20KB");
        Assert.True(File.Exists(_folder.File("model.safetensors.index.json")));
        Assert.Throws<FormatException>(() => model.SavePretrained(_folder.Path, "much"));
    }

    [Fact]
    public void AModelLoadedOnADeviceKnowsWhereItIs()
    {
        using var model = AltCLIPModel.FromPretrained(TestData.Path("checkpoints", "base"), device: META);
        Assert.All(model.parameters(), parameter => Assert.Equal(DeviceType.META, parameter.device_type));
        // Nothing can be copied off the meta device; a model that thinks itself on the CPU would not even try.
        Assert.ThrowsAny<Exception>(() => model.to(CPU));
    }

    [Fact]
    public void ATowerLoadsFromAFullModel()
    {
        using var scope = NewDisposeScope();
        var folder = TestData.Path("checkpoints", "base");
        using var model = AltCLIPModel.FromPretrained(folder);
        using var vision = AltCLIPVisionModel.FromPretrained(folder);
        AssertSameParameters(model.vision_model, vision.vision_model);
        using var text = AltCLIPTextModel.FromPretrained(folder);
        AssertSameParameters(model.text_model, text);
    }

    [Theory]
    [InlineData("base-f16", ScalarType.Float32)]
    [InlineData("base-bf16", ScalarType.Float32)]
    [InlineData("base", ScalarType.Float16)]
    [InlineData("base-bin", ScalarType.BFloat16)]
    public void LoadsIntoTheWantedType(string checkpoint, ScalarType dtype)
    {
        using var model = AltCLIPModel.FromPretrained(TestData.Path("checkpoints", checkpoint), dtype);
        Assert.All(model.parameters(), parameter => Assert.Equal(dtype, parameter.dtype));
    }

    [Fact]
    public void ALoadedModelTrainsWithoutTouchingItsFile()
    {
        using var scope = NewDisposeScope();
        ModelBuilder.Model().SavePretrained(_folder.Path);
        var before = File.ReadAllBytes(_folder.File("model.safetensors"));
        using var model = AltCLIPModel.FromPretrained(_folder.Path);
        using var optimizer = optim.SGD(model.parameters(), 0.1);
        model.forward(ModelBuilder.Ids(), ModelBuilder.Pixels(), return_loss: true).Loss!.backward();
        optimizer.step();
        using var untouched = AltCLIPModel.FromPretrained(_folder.Path);
        Assert.False(model.text_projection.weight.allclose(untouched.text_projection.weight));
        Assert.Equal(before, File.ReadAllBytes(_folder.File("model.safetensors")));
    }

    [Fact]
    public void SavingOverTheFilesThatAModelIsMappedFrom()
    {
        using var scope = NewDisposeScope();
        ModelBuilder.Model().SavePretrained(_folder.Path);
        using var model = AltCLIPModel.FromPretrained(_folder.Path);
        model.SavePretrained(_folder.Path);
        using var again = AltCLIPModel.FromPretrained(_folder.Path);
        AssertSameParameters(model, again);
    }

    [Fact]
    public void AllThatDoesNotFitIsReportedAtOnce()
    {
        using var scope = NewDisposeScope();
        var weights = ModelBuilder.Model().state_dict();
        ModelBuilder.Model().SavePretrained(_folder.Path);
        weights.Remove("logit_scale");
        weights.Remove("text_model.pre_LN.bias");
        weights["stranger"] = ones(1);
        weights["text_projection.weight"] = ones(3, 4);
        SafeTensors.Save(_folder.File("model.safetensors"), weights);

        var before = LiveTensors.Count();
        var error = Assert.Throws<CheckpointException>(() => AltCLIPModel.FromPretrained(_folder.Path));
        Assert.Equal(before, Tensor.TotalCount);
        Assert.Equal(CheckpointError.StateMismatch, error.Error);
        string[] expected =
            ["missing: logit_scale", "missing: text_model.pre_LN.bias", "unexpected: stranger", "text_projection.weight has shape [3, 4]; expected [12, 10]"];
        Assert.All(expected, text => Assert.Contains(text, error.Message));
    }

    [Fact]
    public void MissingFolderFileAndWeights()
    {
        var before = LiveTensors.Count();
        Assert.Throws<DirectoryNotFoundException>(() => AltCLIPModel.FromPretrained(_folder.File("nowhere")));
        Assert.Contains("config.json", Assert.Throws<FileNotFoundException>(() => AltCLIPModel.FromPretrained(_folder.Path)).Message);
        File.WriteAllText(_folder.File("config.json"), ModelBuilder.Config().ToJson());
        Assert.Contains("model.safetensors", Assert.Throws<FileNotFoundException>(() => AltCLIPModel.FromPretrained(_folder.Path)).Message);
        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void WeightsOfWholeNumbersAreRefused() =>
        Assert.Equal("dtype", Assert.Throws<ArgumentException>(
            () => AltCLIPModel.FromPretrained(TestData.Path("checkpoints", "base"), ScalarType.Int64)).ParamName);

    private static void AssertSameParameters(nn.Module expected, nn.Module actual)
    {
        var wanted = expected.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        Assert.Equal(wanted.Keys.Order(), actual.named_parameters().Select(p => p.name).Order());
        Assert.All(actual.named_parameters(), p => Assert.True(p.parameter.Equals(wanted[p.name]), p.name));
    }
}
