using AltClip.Checkpoints;
using AltClip.Modeling;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Tests;

/// <summary>What is said of files that have more than a model, or other names.</summary>
[Collection(nameof(ProcessWide))]
public sealed class LoadReportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TensorsTooManyAreReportedUnlessThatIsRefused()
    {
        Save(weights => Enumerable.Range(0, 30).ToList().ForEach(i => weights[$"stranger.{i:D2}"] = ones(1)));
        using var model = AltCLIPModel.FromPretrained(_folder.Path);
        Assert.Equal(30, model.LoadReport!.UnexpectedTensors.Count);
        Assert.Equal("", model.LoadReport.NamePrefix);
        Assert.Contains("stranger.09 and 20 more", model.LoadReport.ToString());
        Assert.Equal(model.LoadReport.ToString(), AltCLIPModel.Inspect(_folder.Path).ToString());
        // A name of the Hub is none that it looks up.
        Assert.Throws<DirectoryNotFoundException>(() => AltCLIPModel.Inspect("BAAI/AltCLIP"));

        var before = LiveTensors.Count();
        var error = Assert.Throws<CheckpointException>(() => AltCLIPModel.FromPretrained(_folder.Path, strict: true));
        Assert.Equal(before, Tensor.TotalCount);
        Assert.Contains("30 tensors", error.Message);
        Assert.Contains("unexpected: stranger.00", error.Message);
        Assert.DoesNotContain("stranger.10", error.Message);
    }

    [Fact]
    public void WhatFitsHasNothingToSay()
    {
        Save(_ => { });
        using var model = AltCLIPModel.FromPretrained(_folder.Path, strict: true);
        Assert.True(model.LoadReport!.IsComplete);
        Assert.Equal("", model.LoadReport.ToString());
    }

    [Theory]
    [InlineData("module.")]
    [InlineData("_orig_mod.module.")]
    public void NamesAfterAPrefixAreTheModels(string prefix)
    {
        Save(weights =>
        {
            foreach (var name in weights.Keys.ToList())
            {
                weights[prefix + name] = weights[name];
                weights.Remove(name);
            }
            weights["logit_scale"] = ones([]);
        });
        using var model = AltCLIPModel.FromPretrained(_folder.Path);
        Assert.Equal(prefix, model.LoadReport!.NamePrefix);
        Assert.Equal(["logit_scale"], model.LoadReport.UnexpectedTensors);
        using var plain = ModelBuilder.Model();
        Assert.Equal(plain.parameters().Sum(p => p.numel()), CheckpointInfo.Read(_folder.Path).ParameterCount);
    }

    [Fact]
    public void AnUnknownPrefixIsNamed()
    {
        Save(weights =>
        {
            foreach (var name in weights.Keys.ToList())
            {
                weights["student." + name] = weights[name];
                weights.Remove(name);
            }
        });
        var error = Assert.Throws<CheckpointException>(() => AltCLIPModel.FromPretrained(_folder.Path));
        Assert.Contains("stand after 'student.'", error.Message);
        Assert.InRange(error.Message.Length, 1, 3000);
    }

    [Fact]
    public void AVariantIsReadByItsName()
    {
        Save(_ => { });
        File.Move(_folder.File("model.safetensors"), _folder.File("model.fp16.safetensors"));
        Assert.Contains("model.fp16.safetensors", Assert.Throws<FileNotFoundException>(() => AltCLIPModel.FromPretrained(_folder.Path)).Message);
        using var model = AltCLIPModel.FromPretrained(_folder.Path, variant: "fp16");
        Assert.True(model.LoadReport!.IsComplete);
        Assert.Contains("'int8'", Assert.Throws<FileNotFoundException>(() => AltCLIPModel.FromPretrained(_folder.Path, variant: "int8")).Message);
        Assert.Throws<ArgumentException>(() => AltCLIPModel.FromPretrained(_folder.Path, variant: "../x"));
        Assert.Throws<ArgumentException>(() => AltCLIPModel.FromPretrained(_folder.Path, subfolder: "../x"));
    }

    [Fact]
    public void AnEncoderOfAltDiffusionIsSavedAsItWas()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var encoder = AltDiffusionTextEncoder.FromPretrained(TestData.Path("foreign", "altdiffusion", "m18"), subfolder: "text_encoder");
        encoder.SavePretrained(_folder.Path);
        using var again = AltDiffusionTextEncoder.FromPretrained(_folder.Path, strict: true);
        var ids = tensor(new long[] { 0, 5, 6, 2 }, [1, 4]);
        Assert.True(again.Config.HasPreTransformation);
        Assert.Equal(TensorBytes.Of(encoder.forward(ids).ProjectionState), TensorBytes.Of(again.forward(ids).ProjectionState));
        Assert.Contains("RobertaSeriesModelWithTransformation", File.ReadAllText(_folder.File("config.json")));
    }

    private void Save(Action<Dictionary<string, Tensor>> change)
    {
        using var scope = NewDisposeScope();
        using var model = ModelBuilder.Model();
        model.SavePretrained(_folder.Path);
        var weights = model.state_dict();
        change(weights);
        SafeTensors.Save(_folder.File("model.safetensors"), weights, new Dictionary<string, string> { ["format"] = "pt" });
    }
}
