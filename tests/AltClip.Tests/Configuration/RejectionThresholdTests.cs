using System.Text.Json.Nodes;
using AltClip.Configuration;
using Xunit;

namespace AltClip.Tests;

/// <summary>The threshold for "none of these" beside a model.</summary>
public sealed class RejectionThresholdTests : IDisposable
{
    private static readonly RejectionThreshold Threshold = new()
    {
        Similarity = 0.2731f,
        FalseAcceptRate = 0.05,
        FalseRejectRate = 0.125,
        LabelsPerPicture = 10,
        Pictures = 700,
        CalibratedOn = "pictures, perturbed",
    };

    private readonly TemporaryFolder _folder = new();

    private string Path => _folder.File(RejectionThreshold.FileName);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void IsReadAsItWasWritten()
    {
        Assert.Null(RejectionThreshold.FromPretrained(_folder.Path));
        Threshold.SavePretrained(_folder.Path);
        Assert.Equal(Threshold, RejectionThreshold.FromPretrained(_folder.Path));
        var json = JsonNode.Parse(File.ReadAllText(Path))!["rejection"]!.AsObject();
        Assert.Equal(
            ["similarity", "false_accept_rate", "false_reject_rate", "labels_per_picture", "pictures", "calibrated_on"], json.Select(member => member.Key));
        Assert.Equal("0.2731", json["similarity"]!.ToJsonString());
        Assert.Equal([true, false, false], new[] { 0.2731f, 0.27309f, float.NaN }.Select(Threshold.Accepts));
    }

    [Theory]
    [InlineData("similarity", "1.01", "similarity is 1.01")]
    [InlineData("similarity", "\"0.2\"", "expected a number")]
    [InlineData("similarity", "1e400", "similarity")]
    [InlineData("similarity", null, "'similarity' is missing")]
    [InlineData("false_accept_rate", "-0.1", "false_accept_rate is -0.1; expected 0 to 1")]
    [InlineData("false_reject_rate", "2", "false_reject_rate is 2")]
    [InlineData("labels_per_picture", "0", "labels_per_picture is 0")]
    [InlineData("pictures", "1.5", "expected a whole number")]
    [InlineData("calibrated_on", "\" \"", "calibrated_on is empty")]
    [InlineData(null, "[]", "expected an object with 'rejection'")]
    [InlineData(null, "{\"rejection\": 3}", "expected an object with 'similarity'")]
    [InlineData(null, "{", "thresholds.json")]
    public void AMalformedFileIsRefusedByName(string? member, string? value, string expected)
    {
        Threshold.SavePretrained(_folder.Path);
        var root = JsonNode.Parse(File.ReadAllText(Path))!;
        var text = value!;
        if (member is not null)
        {
            root["rejection"]!.AsObject().Remove(member);
            text = root.ToJsonString();
            if (value is not null) text = text.Replace("{\"rejection\":{", $"{{\"rejection\":{{\"{member}\":{value},");
        }
        File.WriteAllText(Path, text);
        var error = Assert.Throws<ConfigurationException>(() => RejectionThreshold.FromPretrained(_folder.Path));
        Assert.Contains(expected, error.Message);
        Assert.StartsWith(Path, error.Message);
    }

    [Fact]
    public void WhatCannotBeReadAgainIsNotWritten()
    {
        Assert.Throws<ConfigurationException>(() => (Threshold with { FalseAcceptRate = double.NaN }).SavePretrained(_folder.Path));
        Assert.False(File.Exists(Path));
    }

    [Fact]
    public void APipelineHasIt()
    {
        foreach (var file in Directory.EnumerateFiles(TestData.Path("e2e"))) File.Copy(file, _folder.File(System.IO.Path.GetFileName(file)));
        using (var without = AltCLIPPipeline.FromPretrained(_folder.Path)) Assert.Null(without.RejectionThreshold);
        Threshold.SavePretrained(_folder.Path);
        using (var with = AltCLIPPipeline.FromPretrained(_folder.Path)) Assert.Equal(Threshold, with.RejectionThreshold);
        File.WriteAllText(Path, "{}");
        Assert.Contains(Path, Assert.Throws<ConfigurationException>(() => AltCLIPPipeline.FromPretrained(_folder.Path)).Message);
    }

    [Fact]
    public void WeightsThatAreReplacedTakeItWithThem()
    {
        using var model = AltCLIPModel.FromPretrained(TestData.Path("e2e"));
        Threshold.SavePretrained(_folder.Path);
        model.SavePretrained(_folder.Path);
        Assert.False(File.Exists(Path));
    }
}
