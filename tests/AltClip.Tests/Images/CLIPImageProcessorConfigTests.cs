using System.Text.Json.Nodes;
using AltClip.Imaging;
using Xunit;

namespace AltClip.Tests;

public class CLIPImageProcessorConfigTests
{
    [Fact]
    public void DefaultsAreThoseOfTransformers()
    {
        var reference = JsonNode.Parse(File.ReadAllText(TestData.Path("images", "cases.json")))!["processor"]!;

        var written = JsonNode.Parse(new CLIPImageProcessorConfig().ToJson());

        Assert.True(JsonNode.DeepEquals(reference, written));
    }

    [Fact]
    public void OldFilesAreUnderstood()
    {
        var config = CLIPImageProcessor.FromPretrained(TestData.Path("e2e")).Config;

        Assert.Equal(ImageSize.Shortest(224), config.Size);
        Assert.Equal(ImageSize.Exactly(224, 224), config.CropSize);
        Assert.True(config.DoRescale);
        Assert.Equal("CLIPFeatureExtractor", config.AdditionalProperties["feature_extractor_type"].GetString());
    }

    [Fact]
    public void EveryValueSurvivesSaving()
    {
        const string Json = """
            {
              "colour": {"kept": [1, null]}, "do_pad": false, "processor_class": null,
              "image_processor_type": "CLIPImageProcessor",
              "do_resize": false, "size": {"height": 5, "width": 6}, "resample": 1,
              "do_center_crop": false, "crop_size": {"height": 7, "width": 8},
              "do_rescale": false, "rescale_factor": 0.125, "do_normalize": false, "image_mean": [1, 2, 3], "image_std": [4, 5, 6.5],
              "do_convert_rgb": false
            }
            """;
        using var folder = new TemporaryFolder();

        new CLIPImageProcessor(CLIPImageProcessorConfig.FromJson(Json)).SavePretrained(folder.File("new"));
        var again = CLIPImageProcessor.FromPretrained(folder.File("new")).Config;

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Json), JsonNode.Parse(again.ToJson())));
        Assert.Equal(["preprocessor_config.json"], Directory.GetFileSystemEntries(folder.File("new")).Select(Path.GetFileName));
    }

    [Fact]
    public void NullMeansTheDefault()
    {
        var config = CLIPImageProcessorConfig.FromJson("""{"do_resize": null, "size": null, "image_mean": null}""");

        Assert.True(config.DoResize);
        Assert.Equal(ImageSize.Shortest(224), config.Size);
        Assert.Equal(3, config.ImageMean.Count);
    }

    [Fact]
    public void TheProcessorConfigOfTransformers5IsRead()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(
            folder.File("processor_config.json"), """{"image_processor": {"size": {"shortest_edge": 96}}, "processor_class": "AltCLIPProcessor"}""");

        Assert.Equal(ImageSize.Shortest(96), CLIPImageProcessor.FromPretrained(folder.Path).Config.Size);
    }

    [Theory]
    [InlineData("", "JSON")]
    [InlineData("[1]", "Array instead of an object")]
    [InlineData("""{"do_resize": 1}""", "do_resize is 1; expected true or false")]
    [InlineData("""{"size": "large"}""", "size is \"large\"; expected a number or an object")]
    [InlineData("""{"size": 0}""", "size is 0; expected a positive whole number")]
    [InlineData("""{"size": 3.5}""", "size is 3.5; expected a whole number")]
    [InlineData("""{"size": {"height": 3}}""", "the key shortest_edge or the keys height and width")]
    [InlineData("""{"size": {"shortest_edge": 3, "longest_edge": 4}}""", "the key shortest_edge or the keys height and width")]
    [InlineData("""{"size": {"height": -3, "width": 4}}""", "size.height is -3")]
    [InlineData("""{"crop_size": {"shortest_edge": 3}}""", "crop_size is shortest edge 3; expected a height and a width")]
    [InlineData("""{"resample": 6}""", "resample is 6; expected a number from 0 to 5")]
    [InlineData("""{"rescale_factor": "1/255"}""", "rescale_factor")]
    [InlineData("""{"image_mean": [0.5, 0.5]}""", "image_mean is [0.5, 0.5]; expected three finite numbers")]
    [InlineData("""{"image_mean": 0.5}""", "image_mean is 0.5; expected three numbers")]
    [InlineData("""{"image_std": [1, 0, 1]}""", "image_std is 0")]
    [InlineData("""{"do_pad": true}""", "do_pad is true")]
    public void WrongValuesAreNamed(string json, string reason)
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("preprocessor_config.json");
        File.WriteAllText(file, json);

        var error = Assert.Throws<ConfigurationException>(() => CLIPImageProcessor.FromPretrained(folder.Path));

        Assert.StartsWith(file, error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WrongValuesInCodeAreNamedToo()
    {
        Assert.Contains("crop_size", Refused(new() { CropSize = ImageSize.Shortest(3) }), StringComparison.Ordinal);
        Assert.Contains("size is null", Refused(new() { Size = null! }), StringComparison.Ordinal);
        Assert.Contains("rescale_factor", Refused(new() { RescaleFactor = double.NaN }), StringComparison.Ordinal);
        Assert.Contains("image_std is null", Refused(new() { ImageStd = null! }), StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => ImageSize.Shortest(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => ImageSize.Exactly(1, -1));

        static string Refused(CLIPImageProcessorConfig config) =>
            Assert.Throws<ArgumentException>(() => new CLIPImageProcessor(config)).Message;
    }

    [Fact]
    public void AFolderWithoutSettingsIsNamed()
    {
        using var folder = new TemporaryFolder();

        var missing = Assert.Throws<FileNotFoundException>(() => CLIPImageProcessor.FromPretrained(folder.Path));
        File.WriteAllText(folder.File("processor_config.json"), "{");
        var malformed = Assert.Throws<ConfigurationException>(() => CLIPImageProcessor.FromPretrained(folder.Path));

        Assert.Contains(folder.Path, missing.Message, StringComparison.Ordinal);
        Assert.Contains("processor_config.json", malformed.Message, StringComparison.Ordinal);
    }
}
