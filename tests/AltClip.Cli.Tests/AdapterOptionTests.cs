using System.Text.Json.Nodes;
using AltClip.Modeling.Adapters;
using AltClip.Tests;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Cli.Tests;

/// <summary><c>--adapter</c>: every command computes as with a model that has the adapters in its weights.</summary>
[Collection(nameof(ProcessWide))]
public sealed class AdapterOptionTests : IDisposable
{
    private static readonly string Model = TestData.Path("e2e");
    private static readonly string Cat = TestData.Path("images", "real", "x_cat.jpg");

    private readonly TemporaryFolder _folder = new();

    public AdapterOptionTests()
    {
        WriteAdapter("one", 1);
        WriteAdapter("two", 2);
    }

    private string One => _folder.File("one");

    private string Two => _folder.File("two");

    private string Merged => _folder.File("merged");

    private string[] Both => ["--adapter", One, "--adapter", Two, "--adapter-weight", "0.75", "--adapter-weight", "-0.5"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void EveryCommandThatTakesAModelHasIt()
    {
        var root = CommandLine.Create(new CliConsole(new StringWriter(), new StringWriter()));
        // What calibrate and quantize find is stored beside the weights, which have to be the model's own; download fetches one model or adapter.
        var commands = Commands(root)
            .Where(command => command.Name is not ("calibrate" or "quantize" or "download")
                && (command.Options.Any(option => option.Name == "--model") || command.Arguments.Any(argument => argument.Name == "MODEL")))
            .ToList();
        Assert.Equal(
            ["classify", "convert", "duplicates", "embed", "explain", "few-shot", "index", "info", "linear-probe", "onnx", "retrieval", "search", "sort", "train", "zero-shot"], commands.Select(command => command.Name).Order());
        Assert.All(commands, command => Assert.Equal(2, command.Options.Count(option => option.Name is "--adapter" or "--adapter-weight")));
    }

    [Fact]
    public async Task ConvertWritesTheSumAndTheOthersComputeWithIt()
    {
        (await Cli.RunAsync(["convert", Model, Merged, "--dtype", "float32", "--json", .. Both])).Done();
        using (var expected = AltCLIPModel.FromPretrained(Model))
        using (var found = AltCLIPModel.FromPretrained(Merged))
        {
            LoraAdapter.MergePretrained(expected, new(One, 0.75), new(Two, -0.5));
            Assert.All(expected.parameters().Zip(found.parameters()), pair => Assert.True(pair.First.allclose(pair.Second, rtol: 0, atol: 1e-7)));
        }
        Assert.Equal(await Numbers("--model", Merged), await Numbers(["--model", Model, .. Both]));
        Assert.NotEqual(await Numbers("--model", Model), await Numbers("--model", Model, "--adapter", One));
    }

    [Fact]
    public async Task AnEmbeddingJobAndAStoreDoNotMixAdapters()
    {
        string[] Embed(params string[] more) => ["embed", TestData.Path("emoji"), "-o", _folder.File("vectors"), "--model", Model, .. more];
        Assert.Equal(ExitCode.Done, (await Cli.RunAsync(Embed("--adapter", One))).Code);
        foreach (var other in (string[][])[[], ["--adapter", Two], ["--adapter", One, "--adapter-weight", "0.5"]])
            Assert.Contains("fingerprint", (await Cli.RunAsync(Embed(other))).Errors);
        Assert.Equal(ExitCode.Done, (await Cli.RunAsync(Embed("--adapter", One))).Code);

        string[] store = ["--store", _folder.File("pictures.duckdb"), "--model", Model];
        Assert.Equal(ExitCode.Done, (await Cli.RunAsync(["index", TestData.Path("emoji"), .. store, "--adapter", One])).Code);
        Assert.Equal(ExitCode.Done, (await Cli.RunAsync(["search", "pizza", .. store, "--adapter", One])).Code);
        Assert.Contains("e2e + one", (await Cli.RunAsync(["search", "pizza", .. store])).Errors);
        Assert.Contains("e2e + 0.5 one", (await Cli.RunAsync(["search", "pizza", .. store, "--adapter", One, "--adapter-weight", "0.5"])).Errors);
    }

    [Fact]
    public async Task InfoSaysWhatTheyAre()
    {
        var report = (await Cli.RunAsync(["info", Model, "--json", .. Both])).Done();
        Assert.Equal([(One, 0.75), (Two, -0.5)], report["adapters"]!.AsArray().Select(adapter => ((string)adapter!["adapter"]!, (double)adapter["weight"]!)));
        Assert.Equal((2, 16.0), ((int)report["adapters"]![0]!["rank"]!, (double)report["adapters"]![0]!["alpha"]!));
        Assert.Contains("rank 2, alpha 16", (await Cli.RunAsync("info", Model, "--adapter", One)).Output);
    }

    [Fact]
    public async Task TrainingStartsFromThemButWritesNoAdapterForAModelInNoFile()
    {
        var captions = TrainCommandTests.WriteCaptions(_folder.File("captions.tsv"));
        string[] Train(params string[] more) =>
            ["train", captions, "-o", _folder.File("trained"), "--model", Model, "--steps", "1", "-b", "2", "--learning-rate", "1e-12", "--adapter", One, .. more];
        var refused = await Cli.RunAsync(Train("--lora"));
        Assert.Equal(ExitCode.WrongUsage, refused.Code);
        Assert.Contains("altclip convert --adapter", refused.Errors);
        Assert.False(Directory.Exists(_folder.File("trained")));
        Assert.Equal(ExitCode.Done, (await Cli.RunAsync(Train("--weight-decay", "0"))).Code);
        using var expected = AltCLIPModel.FromPretrained(Model);
        using var found = AltCLIPModel.FromPretrained(_folder.File("trained"));
        LoraAdapter.MergePretrained(expected, new AdapterSource(One));
        Assert.All(expected.parameters().Zip(found.parameters()), pair => Assert.True(pair.First.allclose(pair.Second, rtol: 0, atol: 1e-6)));
    }

    [Fact]
    public async Task WhatDoesNotFitIsRefused()
    {
        string[] classify = ["classify", Cat, "--labels", "a cat", "--model", Model];
        var uneven = await Cli.RunAsync([.. classify, "--adapter", One, "--adapter", Two, "--adapter-weight", "2"]);
        Assert.Equal(ExitCode.WrongUsage, uneven.Code);
        Assert.Contains("expected as many", uneven.Errors);
        Assert.Equal(ExitCode.WrongUsage, (await Cli.RunAsync([.. classify, "--adapter-weight", "2"])).Code);
        var missing = await Cli.RunAsync([.. classify, "--adapter", _folder.File("nowhere")]);
        Assert.Equal(ExitCode.Failed, missing.Code);
        Assert.Contains("nowhere", missing.Errors);
        var other = await Cli.RunAsync([.. classify, "--adapter", TestData.Path("adapters", "plain")]);
        Assert.Equal(ExitCode.Failed, other.Code);
        Assert.Contains("lora_A", other.Errors);
    }

    /// <summary>What classify and explain compute.</summary>
    private async Task<string[]> Numbers(params string[] model)
    {
        var classified = (await Cli.RunAsync(["classify", Cat, "--labels", "a cat", "a dog", "--json", .. model])).Done();
        var explained = (await Cli.RunAsync(["explain", Cat, "--text", "a cat", "--output", _folder.File("map.png"), "--json", .. model])).Done();
        return
        [
            .. classified[0]!["labels"]!.AsArray().Select(label => Rounded(label!["probability"]!)),
            .. explained[0]!["relevance"]!.AsArray().SelectMany(row => row!.AsArray()).Select(value => Rounded(value!)),
        ];

        static string Rounded(JsonNode value) => ((double)value).ToString("f4");
    }

    private void WriteAdapter(string name, long seed)
    {
        using var model = AltCLIPModel.FromPretrained(Model);
        manual_seed(seed);
        using var adapter = LoraAdapter.Attach(model, new LoraOptions { Rank = 2 });
        using (no_grad())
            foreach (var parameter in adapter.parameters()) parameter.normal_(0, 0.3);
        adapter.SavePretrained(_folder.File(name));
    }

    private static IEnumerable<System.CommandLine.Command> Commands(System.CommandLine.Command command) => command.Subcommands.SelectMany(Commands).Prepend(command);
}
