using AltClip.Hub;
using AltClip.Modeling.Adapters;
using AltClip.Training.Teacher;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Tests.Hub;

/// <summary>Every <c>FromPretrained</c> takes a model on the Hub, asks for what it reads, and gives what the folder gives.</summary>
[Collection(nameof(ProcessWide))]
public sealed class HubPretrainedTests : HubTest
{
    private const string Id = FakeHub.Model;

    [Theory]
    [InlineData("base")]
    [InlineData("base-sharded")]
    [InlineData("base-bin")]
    [InlineData("base-bin-sharded")]
    public void AModelInAnyForm(string checkpoint)
    {
        Server.Add(TestData.Path("checkpoints", checkpoint));
        using var expected = AltCLIPModel.FromPretrained(TestData.Path("checkpoints", "base"));
        LiveTensors.AssertUnchanged(() =>
        {
            using var model = AltCLIPModel.FromPretrained(Id, hub: Options);
            AssertSame(expected, model);
        });
        Assert.Equal(Server.Files.Count, Server.Gets);

        Server.Requests.Clear();
        using var again = AltCLIPModel.FromPretrained(Id, hub: Options);
        AssertSame(expected, again);
        Assert.Equal([$"HEAD {FakeHub.Url("config.json", "main")}"], Server.Asked); // to know whether the branch moved

        Server.Requests.Clear();
        using var pinned = AltCLIPModel.FromPretrained(Id, revision: FakeHub.Commit, hub: Options);
        using var offline = AltCLIPModel.FromPretrained(Id, hub: Options with { Offline = true });
        AssertSame(expected, offline);
        Assert.Empty(Server.Requests);
    }

    [Fact]
    public void AFolderWithinAModel()
    {
        foreach (var path in Directory.GetFiles(TestData.Path("checkpoints", "base-sharded")))
            Server.Files[$"clip/{Path.GetFileName(path).Replace("index.json", "index.fp16.json")}"] = File.ReadAllBytes(path);
        using var expected = AltCLIPModel.FromPretrained(TestData.Path("checkpoints", "base"));
        using var model = AltCLIPModel.FromPretrained(Id, hub: Options, subfolder: "clip", variant: "fp16");
        AssertSame(expected, model);
    }

    [Fact]
    public void SafetensorsArePreferred()
    {
        Server.Add(TestData.Path("checkpoints", "base-bin"));
        Server.Add(TestData.Path("checkpoints", "base"));
        using var model = AltCLIPModel.FromPretrained(Id, hub: Options);
        Assert.Equal(
            ["HEAD main/config.json", "GET config.json", "HEAD model.safetensors", "GET model.safetensors"],
            Server.Asked.Select(asked => asked.Replace($"/{Id}/resolve/", "").Replace($"{FakeHub.Commit}/", "")));
    }

    [Fact]
    public void SafetensorsThatCannotBeHadAreNotReplacedByOthers()
    {
        Server.Add(TestData.Path("checkpoints", "base-bin"));
        Server.Add(TestData.Path("checkpoints", "base"));
        Server.Answer = request => request.ToString() == $"GET {FakeHub.Url("model.safetensors")}" ? new(404) : null;
        var error = Assert.Throws<HubException>(() => AltCLIPModel.FromPretrained(Id, hub: Options));
        Assert.Contains("model.safetensors answered 404", error.Message);
    }

    [Fact]
    public void WhatPythonLeftIsUsedOffline()
    {
        Server.Add(TestData.Path("checkpoints", "base-bin"));
        using (AltCLIPModel.FromPretrained(Id, hub: Options))
        {
        }
        using var model = AltCLIPModel.FromPretrained(Id, hub: Options with { Offline = true });
        Assert.Equal(115, model.parameters().Count());
    }

    [Fact]
    public void ABranchThatMovesMeanwhileMakesNoMixture()
    {
        Server.Add(TestData.Path("checkpoints", "base"));
        Server.Answer = request =>
        {
            // The other commit comes after the first answer.
            var reply = Server.Honest(request);
            Server.Revisions["v0"] = FakeHub.Commit;
            Server.Revisions["main"] = new string('f', 40);
            return reply;
        };
        using var model = AltCLIPModel.FromPretrained(Id, hub: Options);
        Assert.Equal([FakeHub.Commit], Directory.GetDirectories(InModel("snapshots")).Select(Path.GetFileName));
        Assert.Equal(FakeHub.Commit, File.ReadAllText(InModel("refs", "main")));
    }

    [Fact]
    public void TheEncodersAlone()
    {
        Server.Add(TestData.Path("checkpoints", "base"));
        using var full = AltCLIPModel.FromPretrained(Id, hub: Options);
        using var text = AltCLIPTextModel.FromPretrained(Id, hub: Options);
        using var vision = AltCLIPVisionModel.FromPretrained(Id, hub: Options);
        using var inference = AltCLIPInference.FromPretrained(Id, hub: Options);
        AssertSame(full.text_model, text);
        AssertSame(full.vision_model, vision.vision_model);
        Assert.Equal(2, Server.Gets);
    }

    [Fact]
    public void TheConfigurationsAlone()
    {
        Server.Add(TestData.Path("checkpoints", "base"));
        var folder = TestData.Path("checkpoints", "base");
        Assert.Equal(AltCLIPConfig.FromPretrained(folder).ToJson(), AltCLIPConfig.FromPretrained(Id, hub: Options).ToJson());
        Assert.Equal(AltCLIPTextConfig.FromPretrained(folder).ToJson(), AltCLIPTextConfig.FromPretrained(Id, hub: Options).ToJson());
        Assert.Equal(AltCLIPVisionConfig.FromPretrained(folder).ToJson(), AltCLIPVisionConfig.FromPretrained(Id, hub: Options).ToJson());
        Assert.Equal([$"GET {FakeHub.Url("config.json")}"], Server.Asked.Where(asked => asked.StartsWith("GET", StringComparison.Ordinal)));
    }

    [Fact]
    public void PipelineAndProcessor()
    {
        Server.Add(TestData.Path("e2e"));
        using var pipeline = AltCLIPPipeline.FromPretrained($"{Id}@main", hub: Options);
        using var expected = AltCLIPPipeline.FromPretrained(TestData.Path("e2e"));
        using var embedding = pipeline.EmbedText(["一只猫"]);
        using var wanted = expected.EmbedText(["一只猫"]);
        Assert.True(embedding.allclose(wanted));

        Server.Requests.Clear();
        using var processor = AltCLIPProcessor.FromPretrained(Id, hub: Options);
        Assert.Equal(pipeline.Processor.ImageProcessor.Config.ToJson(), processor.ImageProcessor.Config.ToJson());
        Assert.Single(Server.Requests);
        Assert.Equal(processor.Tokenizer.VocabSize, XLMRobertaTokenizer.FromPretrained(Id, hub: Options).VocabSize);
        Assert.Equal(processor.ImageProcessor.Config.ToJson(), CLIPImageProcessor.FromPretrained(Id, hub: Options).Config.ToJson());
        // Files that the model lacks are known to be lacking.
        Assert.True(File.Exists(InModel(".no_exist", FakeHub.Commit, "tokenizer.json")));
    }

    [Fact]
    public async Task WhatIsDownloadedBeforehandIsAllThatThePipelineReads()
    {
        Server.Add(TestData.Path("e2e"));
        var folder = await Client.DownloadAsync(Id);
        Assert.Equal(InModel("snapshots", FakeHub.Commit), folder);
        Assert.Equal(folder, Client.Download(Id));
        Server.Requests.Clear();
        using var pipeline = AltCLIPPipeline.FromPretrained(folder, hub: Options);
        Assert.Empty(Server.Requests);
    }

    [Fact]
    public void TheTeacherAndItsTokenizer()
    {
        Server.Add(TestData.Path("checkpoints", "clip-text-gelu"));
        Server.Add(TestData.Path("clip-tokenizer"));
        using var teacher = CLIPTextModelWithProjection.FromPretrained(Id, hub: Options);
        Assert.Equal(CLIPTextConfig.FromPretrained(Id, hub: Options).ToJson(), teacher.Config.ToJson());
        Assert.Equal([49406, 49407], new[] { CLIPTokenizer.FromPretrained(Id, hub: Options) }.SelectMany(t => new[] { t.BosTokenId, t.EosTokenId }));
    }

    [Fact]
    public void AnAdapter()
    {
        using var model = AltCLIPModel.FromPretrained(TestData.Path("checkpoints", "base"));
        using (var adapter = LoraAdapter.Attach(model)) adapter.SavePretrained(Folder.File("adapter"));
        Server.Add(Folder.File("adapter"));
        using var loaded = LoraAdapter.FromPretrained(model, Id, hub: Options);
        Assert.Equal(2, Server.Gets);
    }

    [Fact]
    public void AModelWithoutWeightsNamesWhatItLacks()
    {
        Server.Files["config.json"] = File.ReadAllBytes(TestData.Path("checkpoints", "base", "config.json"));
        var error = Assert.Throws<HubException>(() => AltCLIPModel.FromPretrained(Id, hub: Options));
        Assert.Equal(HubError.FileNotFound, error.Error);
        Assert.Contains("BAAI/AltCLIP at main has no model.safetensors, or model.safetensors.index.json, or pytorch_model.bin", error.Message);
    }

    [Fact]
    public void AShardThatIsMissingIsNamed()
    {
        Server.Add(TestData.Path("checkpoints", "base-sharded"));
        Assert.True(Server.Files.TryRemove("model-00003-of-00008.safetensors", out _));
        var error = Assert.Throws<HubException>(() => AltCLIPModel.FromPretrained(Id, hub: Options));
        Assert.Contains("model-00003-of-00008.safetensors", error.Message);
    }

    [Fact]
    public void WhatIsNeitherFolderNorModelSaysSo()
    {
        var error = Assert.Throws<HubException>(() => AltCLIPModel.FromPretrained("nobody/nothing", hub: Options));
        Assert.Equal(HubError.ModelNotFound, error.Error);
        Assert.Contains("no folder 'nobody/nothing'", error.Message);
        Assert.Throws<DirectoryNotFoundException>(() => AltCLIPModel.FromPretrained("no/such/folder", hub: Options));
    }

    [Fact]
    public void AFolderIsAFolderEvenIfItLooksLikeAnId()
    {
        var folder = Path.Combine("hub-tests", Path.GetFileName(Folder.Path));
        Directory.CreateDirectory(folder);
        try
        {
            Assert.Throws<FileNotFoundException>(() => AltCLIPConfig.FromPretrained(folder, hub: Options));
            Assert.Empty(Server.Requests);
            Assert.Equal("revision", Assert.Throws<ArgumentException>(() => AltCLIPConfig.FromPretrained(folder, "main", Options)).ParamName);
        }
        finally
        {
            Directory.Delete("hub-tests", recursive: true);
        }
    }

    [Fact]
    public void BadArgumentsAreRefusedBeforeAnythingIsAsked()
    {
        Server.Add(TestData.Path("checkpoints", "base"));
        Assert.Throws<ArgumentException>(() => AltCLIPModel.FromPretrained(Id, ScalarType.Int64, hub: Options));
        Assert.Throws<ArgumentNullException>(() => AltCLIPModel.FromPretrained(null!, hub: Options));
        Assert.Empty(Server.Requests);
    }

    private static void AssertSame(nn.Module expected, nn.Module actual)
    {
        var wanted = expected.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        Assert.Equal(wanted.Keys.Order(), actual.named_parameters().Select(p => p.name).Order());
        Assert.All(actual.named_parameters(), p => Assert.True(p.parameter.Equals(wanted[p.name]), p.name));
    }
}
