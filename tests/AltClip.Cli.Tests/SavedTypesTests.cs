using System.Text.Json.Nodes;
using AltClip.Conformance;
using AltClip.Tests;
using AltClip.Training.Teacher;
using Xunit;

namespace AltClip.Cli.Tests;

/// <summary>Python tells 1 from 1.0, and transformers 5 refuses the one where it wants the other.</summary>
public sealed class SavedTypesTests : IDisposable
{
    private static readonly StrictTypes Types = new(TestData.Path("foreign", "configs", "strict-types.json"));

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<double, string> Floats => new()
    {
        { 0, "0.0" }, { -0.0, "-0.0" }, { 1, "1.0" }, { 1e-5, "1E-05" }, { 1e-12, "1E-12" }, { 5e-324, "5E-324" }, { 123456, "123456.0" }, { 0.1, "0.1" },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Floats))]
    public void EveryFloatIsWrittenAsOne(double value, string expected)
    {
        var config = new AltCLIPConfig
        {
            LogitScaleInitValue = value,
            InitializerFactor = value,
            TextConfig = new()
            {
                HiddenDropoutProb = value,
                AttentionProbsDropoutProb = value,
                InitializerRange = value,
                InitializerFactor = value,
                LayerNormEps = value,
            },
            VisionConfig = new() { LayerNormEps = value, AttentionDropout = value, InitializerRange = value, InitializerFactor = value },
        };
        Assert.Empty(Types.Broken(config.ToJson()));
        Assert.Empty(Types.Broken(config.TextConfig.ToJson()));
        Assert.Empty(Types.Broken(config.VisionConfig.ToJson()));
        var clip = JsonNode.Parse(new CLIPTextConfig { LayerNormEps = value, AttentionDropout = value }.ToJson())!;
        foreach (var written in new[]
        {
            JsonNode.Parse(config.ToJson())!["initializer_factor"]!, JsonNode.Parse(config.ToJson())!["text_config"]!["hidden_dropout_prob"]!,
            clip["layer_norm_eps"]!, clip["attention_dropout"]!,
        })
        {
            Assert.Equal(expected, written.ToJsonString());
            Assert.Equal(value, (double)written);
        }
    }

    [Fact]
    public void SoAreThoseOfTheImageProcessor()
    {
        var config = new CLIPImageProcessorConfig { RescaleFactor = 1, ImageMean = [0, 1, 0.5], ImageStd = [1, 2, 1e-5] };
        var json = JsonNode.Parse(config.ToJson())!;
        Assert.Equal(
            ("1.0", "[0.0,1.0,0.5]", "[1.0,2.0,1E-05]"),
            (json["rescale_factor"]!.ToJsonString(), json["image_mean"]!.ToJsonString(), json["image_std"]!.ToJsonString()));
        Assert.Equal(
            ["3", "224", "224", "224"],
            new[] { json["resample"]!, json["size"]!["shortest_edge"]!, json["crop_size"]!["height"]!, json["crop_size"]!["width"]! }
                .Select(number => number.ToJsonString()));
    }

    [Fact]
    public void SavedModelsHaveTheTypesThatTransformersWants()
    {
        var config = Integral(ModelBuilder.Config());
        using (var model = new AltCLIPModel(config)) model.SavePretrained(_folder.File("full"));
        using (var text = new AltCLIPTextModel(config.TextConfig)) text.SavePretrained(_folder.File("text"));
        using (var vision = new AltCLIPVisionModel(config.VisionConfig)) vision.SavePretrained(_folder.File("vision"));
        foreach (var name in new[] { "full", "text", "vision" }) AssertStrict(name);
    }

    [Fact]
    public async Task ConvertMendsWhatItReads()
    {
        Directory.CreateDirectory(_folder.File("source"));
        foreach (var file in Directory.GetFiles(TestData.Path("checkpoints", "base")))
            File.Copy(file, Path.Combine(_folder.File("source"), Path.GetFileName(file)));
        var path = Path.Combine(_folder.File("source"), "config.json");
        File.WriteAllText(path, File.ReadAllText(path).Replace("1.0", "1").Replace("0.0,", "0,"));
        Assert.NotEmpty(Types.Broken(File.ReadAllText(path)));

        Assert.Equal(ExitCode.Done, (await Cli.RunAsync("convert", _folder.File("source"), _folder.File("converted"))).Code);
        AssertStrict("converted");
    }

    [Fact]
    public async Task TrainWritesWhatTransformersReads()
    {
        var captions = TrainCommandTests.WriteCaptions(_folder.File("captions.tsv"));
        Assert.Equal(ExitCode.Done, (await Cli.RunAsync("train", captions, "-o", _folder.File("trained"), "--steps", "1", "-b", "4")).Code);
        AssertStrict("trained");
        var image = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder.File("trained"), "preprocessor_config.json")))!;
        Assert.All(
            image["image_mean"]!.AsArray().Concat(image["image_std"]!.AsArray()).Append(image["rescale_factor"]),
            number => Assert.Equal("number with a point or an exponent", StrictTypes.TypeOf(number)));
    }

    [Fact]
    public void TheShippedModelHasThem() =>
        Assert.Empty(Types.Broken(File.ReadAllText(Path.GetFullPath(TestData.Path("..", "..", "models", "altclip-emoji", "config.json")))));

    private static AltCLIPConfig Integral(AltCLIPConfig config) => config with
    {
        LogitScaleInitValue = 3,
        InitializerFactor = 1,
        TextConfig = config.TextConfig with { HiddenDropoutProb = 0, AttentionProbsDropoutProb = 0, InitializerRange = 1, InitializerFactor = 1, LayerNormEps = 1 },
        VisionConfig = config.VisionConfig with { AttentionDropout = 0, InitializerRange = 1, InitializerFactor = 1, LayerNormEps = 1 },
    };

    private void AssertStrict(string folder) => Assert.Empty(Types.Broken(File.ReadAllText(Path.Combine(_folder.File(folder), "config.json"))));
}
