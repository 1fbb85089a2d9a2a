using AltClip.Tests;
using AltClip.Tests.Hub;
using Xunit;

namespace AltClip.Cli.Tests;

/// <summary><c>info</c> and <c>convert</c>.</summary>
public sealed class ModelCommandsTests : IDisposable
{
    private static readonly string Sharded = TestData.Path("checkpoints", "base-bin-sharded");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task InfoCountsWhatTheModelHas()
    {
        var shipped = (await Cli.RunAsync("info", "--json")).Done();
        using (var model = AltCLIPModel.FromPretrained(Path.GetFullPath(TestData.Path("..", "..", "models", "altclip-emoji"))))
        {
            var parameters = model.named_parameters().ToList();
            Assert.Equal(parameters.Sum(p => p.parameter.numel()), (long)shipped["weights"]!["parameter_count"]!);
            Assert.Equal(
                parameters.Where(p => p.name.StartsWith("vision_model.")).Sum(p => p.parameter.numel()),
                (long)shipped["weights"]!["parameters"]!["vision_model"]!);
        }
        Assert.Equal(64, (int)shipped["tokenizer"]!["model_max_length"]!);
        Assert.Equal("float16", (string)shipped["weights"]!["dtypes"]![0]!);

        var sharded = (await Cli.RunAsync("info", Sharded, "--json")).Done();
        Assert.Equal(Directory.GetFiles(Sharded, "*.bin").Length, sharded["weights"]!["files"]!.AsArray().Count);
        Assert.Null(sharded["tokenizer"]);
        var text = await Cli.RunAsync("info", Sharded);
        Assert.Contains("text_model", text.Output);

        var foreign = await Cli.RunAsync("info", TestData.Path("foreign", "flagai-2022", "hf-altclip-lm"));
        Assert.Contains("tensors that the model has no place for", foreign.Output);
        Assert.Contains("text_model.lm_head.bias", foreign.Output);
        using var target = new TemporaryFolder();
        var converted = await Cli.RunAsync("convert", TestData.Path("foreign", "flagai-2022", "hf-altclip-lm"), target.File("new"));
        Assert.Contains("text_model.lm_head.bias", converted.Errors);
        Assert.Empty((await Cli.RunAsync("info", target.File("new"), "--json")).Done()["weights"]!["unused_tensors"]!.AsArray());

        var none = await Cli.RunAsync("info", TestData.Path("emoji"));
        Assert.Equal(ExitCode.Failed, none.Code);
        Assert.Contains("has no config.json", none.Errors);
    }

    [Fact]
    public async Task InfoSaysWhatComputes()
    {
        var kernels = (await Cli.RunAsync("info", "--kernels", "--json")).Done()["kernels"]!.AsArray();
        Assert.Equal(["Float32", "BFloat16", "Int8"], kernels.Select(kernel => (string)kernel!["precision"]!));
        Assert.Equal("Float32", (string)kernels[0]!["text_precision"]!);
        Assert.All(kernels, kernel => Assert.Contains((string)kernel!["image_kernel"]!, (string[])["Panels", "PanelsAvx2", "OneDnn", "Libtorch"]));
    }

    [Fact]
    public async Task InfoSaysPrecisionsAsTheyAreTyped()
    {
        var shown = (await Cli.RunAsync("info", "--kernels")).Output;
        foreach (var precision in new[] { "float32", "bfloat16", "int8" }) Assert.Contains($"in {precision} ", shown);
        Assert.DoesNotContain("Float32", shown);
    }

    [Fact]
    public async Task AnAdapterIsNoModel()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("adapter_config.json"), "{}");
        foreach (var typed in new string[][] { ["info", folder.Path], ["classify", TestData.Path("emoji", "pizza.png"), "-l", "a", "--model", folder.Path] })
        {
            var result = await Cli.RunAsync(typed);
            Assert.Equal(ExitCode.WrongUsage, result.Code);
            Assert.Contains($"is an adapter, and no model; expected it as --adapter {folder.Path}", result.Errors);
        }
    }

    /// <summary>The folder that it is in is here, so that the Hub, which can't be reached and would be waited for, isn't asked.</summary>
    [Fact]
    public async Task AMistypedFolderIsNoModelOfTheHub()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("altclip-emoji"));
        using var variables = new HubVariables("http://127.0.0.1:9", folder.Path);
        var result = await Cli.RunAsync("info", folder.File("altclip-emjoi"));
        Assert.Equal(ExitCode.Failed, result.Code);
        Assert.Contains($"There is no folder '{folder.File("altclip-emjoi")}': {folder.Path} has no altclip-emjoi. Did you mean {folder.File("altclip-emoji")}?", result.Errors);
        Assert.DoesNotContain("Hub", result.Errors);
    }

    [Fact]
    public async Task OfADownloadTheAddressAndNoFolderIsWrong()
    {
        using var folder = new TemporaryFolder();
        using (new HubVariables("nonsense", folder.Path))
        {
            var result = await Cli.RunAsync("download", "a/b");
            Assert.Equal(ExitCode.Failed, result.Code);
            Assert.Equal("altclip: The endpoint of the Hub (HF_ENDPOINT) is 'nonsense'; expected an address with http or https.", result.Errors.Trim());
        }
        using var hub = new FakeHub();
        using (new HubVariables(hub.Address, folder.Path))
        {
            var result = await Cli.RunAsync("download", "a/b");
            Assert.Equal(ExitCode.Failed, result.Code);
            Assert.DoesNotContain("folder", result.Errors);
        }
    }

    [Fact]
    public async Task AModelIsDownloadedAndWhatIsRepeatedSaid()
    {
        using var hub = new FakeHub();
        hub.Add(TestData.Path("e2e"));
        var isFirst = true;
        hub.Answer = _ =>
        {
            var reply = isFirst ? new FakeReply(503) : null;
            isFirst = false;
            return reply;
        };
        using var environment = new HubVariables(hub.Address, _folder.Path);
        var result = await Cli.RunAsync("download", FakeHub.Model);
        Assert.True(result.Code == ExitCode.Done, result.Errors);
        Assert.True(File.Exists(Path.Combine(result.Output.TrimEnd(), "config.json")));
        Assert.Contains("Trying again in 1 s (1 of 5)", result.Errors);
        var again = (await Cli.RunAsync("download", FakeHub.Model, "--json")).Done();
        Assert.Equal((FakeHub.Model, result.Output.TrimEnd()), ((string)again[0]!["model"]!, (string)again[0]!["folder"]!));
        Assert.Equal(ExitCode.WrongUsage, (await Cli.RunAsync("download", _folder.Path)).Code);
        Assert.Equal(ExitCode.Failed, (await Cli.RunAsync("download", "BAAI/NoSuchModel")).Code);
    }

    [Fact]
    public async Task InfoOfAModelOnTheHubLeavesItsWeightsThere()
    {
        using var hub = new FakeHub();
        hub.Add(TestData.Path("e2e"));
        using var environment = new HubVariables(hub.Address, _folder.Path);
        var before = (await Cli.RunAsync("info", FakeHub.Model, "--json")).Done();
        Assert.Null(before["weights"]);
        Assert.NotNull(before["tokenizer"]);
        Assert.DoesNotContain(hub.Asked, request => request.Contains("safetensors"));

        var converted = (await Cli.RunAsync("convert", FakeHub.Model, _folder.File("copy"), "--json")).Done();
        Assert.Single(converted["files"]!.AsArray());
        var after = (await Cli.RunAsync("info", $"{FakeHub.Model}@main", "--json")).Done();
        Assert.NotNull(after["weights"]);

        var wrong = await Cli.RunAsync("convert", "BAAI/NoSuchModel", _folder.File("other"));
        Assert.Equal(ExitCode.Failed, wrong.Code);
        Assert.Contains("There is no folder 'BAAI/NoSuchModel', and as a model on the Hub", wrong.Errors);
    }

    [Fact]
    public async Task ADownloadStopsAndGoesOnLater()
    {
        using var hub = new FakeHub();
        hub.Add(TestData.Path("e2e"));
        using var environment = new HubVariables(hub.Address, _folder.Path);
        using var stop = new CancellationTokenSource();
        hub.Answer = request =>
        {
            if (request.Path.EndsWith("model.safetensors", StringComparison.Ordinal)) stop.Cancel();
            return null;
        };
        var stopped = await Cli.RunAsync(new StringWriter(), stop.Token, "convert", FakeHub.Model, _folder.File("copy"));
        Assert.Equal((ExitCode.Cancelled, ""), (stopped.Code, stopped.Output));
        Assert.False(Directory.Exists(_folder.File("copy")));
        Assert.Equal(ExitCode.Done, (await Cli.RunAsync("convert", FakeHub.Model, _folder.File("copy"))).Code);
    }

    [Fact]
    public async Task ConvertWritesTheSameNumbersInShards()
    {
        var target = _folder.File("half");
        var result = (await Cli.RunAsync("convert", Sharded, target, "--dtype", "float16", "--shard-size", "60kB", "--json")).Done();
        var files = result["files"]!.AsArray().Select(file => (string)file!["name"]!).ToList();
        Assert.True(files.Count > 1);
        Assert.All(files, file => Assert.Matches(@"^model-\d{5}-of-\d{5}\.safetensors$", file));
        Assert.Equal([.. files, "config.json", "model.safetensors.index.json"], Directory.GetFiles(target).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal).OrderBy(name => !name.StartsWith("model-")));
        Assert.Equal(["half"], _folder.Files);
        Assert.Contains("\"torch_dtype\": \"float16\"", File.ReadAllText(Path.Combine(target, "config.json")));
        using var before = AltCLIPModel.FromPretrained(Sharded);
        using var after = AltCLIPModel.FromPretrained(target);
        foreach (var (one, other) in before.parameters().Zip(after.parameters())) Assert.True(one.allclose(other, rtol: 1e-3, atol: 1e-4));
    }

    [Fact]
    public async Task ConvertReplacesNothingUnasked()
    {
        var target = _folder.File("copy");
        Directory.CreateDirectory(target);
        File.WriteAllText(Path.Combine(target, "config.json"), "mine");
        var refused = await Cli.RunAsync("convert", TestData.Path("e2e"), target);
        Assert.Equal(ExitCode.WrongUsage, refused.Code);
        Assert.Contains("--force", refused.Errors);
        Assert.Equal("mine", File.ReadAllText(Path.Combine(target, "config.json")));

        File.WriteAllText(Path.Combine(target, "notes.csv"), "mine");
        Assert.Equal(ExitCode.Done, (await Cli.RunAsync("convert", TestData.Path("e2e"), target, "--force")).Code);
        Assert.Equal("mine", File.ReadAllText(Path.Combine(target, "notes.csv")));
        using (AltCLIPPipeline.FromPretrained(target)) { }
        Assert.Equal(ExitCode.WrongUsage, (await Cli.RunAsync("convert", target, target, "--force")).Code);
        Assert.Equal(ExitCode.WrongUsage, (await Cli.RunAsync("convert", target, target + Path.DirectorySeparatorChar, "--force")).Code);

        var damaged = await Cli.RunAsync("convert", TestData.Path("emoji"), _folder.File("new"));
        Assert.Equal(ExitCode.Failed, damaged.Code);
        Assert.Equal(["copy"], _folder.Files);
    }

    [Fact]
    public async Task ConvertOverAFolderDeletesWhatAKilledOneLeft()
    {
        var source = TestData.Path("e2e");
        Assert.Equal(ExitCode.Done, (await Cli.RunAsync("convert", source, _folder.Path, "--force")).Code);
        var files = _folder.Files;
        foreach (var name in files.Where(name => name != "config.json")) _folder.Write($"{name}.{Guid.NewGuid():N}.tmp", [1]);
        await Cli.RunAsync("convert", source, _folder.Path, "--force");
        Assert.Equal(files, _folder.Files);
    }

    [Fact]
    public async Task ConvertWritesTheTokenizerAsAModelIsSaved()
    {
        var source = _folder.File("source");
        CopyFolder(TestData.Path("checkpoints", "base"), source);
        File.Copy(TestData.Path("foreign", "tokenizers", "small", "sentencepiece.bpe.model"), Path.Combine(source, "sentencepiece.bpe.model"));
        File.WriteAllText(Path.Combine(source, "tokenizer_config.json"), """{ "tokenizer_class": "XLMRobertaTokenizer" }""");

        (await Cli.RunAsync("convert", source, _folder.File("converted"), "--json")).Done();
        XLMRobertaTokenizer.FromPretrained(source).SavePretrained(_folder.File("saved"));

        foreach (var name in new[] { "tokenizer.json", "tokenizer_config.json", "sentencepiece.bpe.model" })
            Assert.Equal(File.ReadAllBytes(Path.Combine(_folder.File("saved"), name)), File.ReadAllBytes(Path.Combine(_folder.File("converted"), name)));
    }

    [Fact]
    public async Task ConvertCopiesATokenizerThatIsNotRead()
    {
        var source = _folder.File("source");
        CopyFolder(TestData.Path("checkpoints", "base"), source);
        var foreign = TestData.Path("foreign", "tokenizers", "pipelines", "normalizer-bert");
        CopyFolder(foreign, source);

        (await Cli.RunAsync("convert", source, _folder.File("converted"), "--json")).Done();

        Assert.All(
            Directory.GetFiles(foreign),
            file => Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(Path.Combine(_folder.File("converted"), Path.GetFileName(file)))));
    }

    [Theory]
    [InlineData("base-text", "altclip_text_model")]
    [InlineData("base-vision", "altclip_vision_model")]
    public async Task EncodersAloneAreConvertedToo(string checkpoint, string type)
    {
        Assert.Equal(ExitCode.Done, (await Cli.RunAsync("convert", TestData.Path("checkpoints", checkpoint), _folder.File("new"))).Code);
        Assert.Contains(type, File.ReadAllText(Path.Combine(_folder.File("new"), "config.json")));
    }

    internal static void CopyFolder(string source, string target)
    {
        Directory.CreateDirectory(target);
        foreach (var file in Directory.GetFiles(source)) File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
    }
}
