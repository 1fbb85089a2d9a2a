using AltClip.Checkpoints;
using AltClip.Cli.Commands;
using AltClip.Modeling.Adapters;
using AltClip.Tests;
using AltClip.Training;
using AltClip.Training.Tests;
using Xunit;

namespace AltClip.Cli.Tests;

public sealed class TrainCommandTests : IDisposable
{
    private static readonly string[] Emoji = ["cactus", "dog-face", "guitar", "penguin", "pizza", "red-apple", "rocket", "volcano"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Captions of the eight emoji, relative to their own folder.</summary>
    public static string WriteCaptions(string path)
    {
        File.WriteAllLines(path, Emoji.Select(name => $"{TestData.Path("emoji", name + ".png")}\t{name}").Prepend("image\tcaption"));
        return path;
    }

    [Fact]
    public async Task WhereAllIsFrozenTheOptionIsNamed()
    {
        var result = await Cli.RunAsync("train", WriteCaptions(_folder.File("all.tsv")), "-o", _folder.File("frozen"), "--steps", "1", "-b", "4", "--freeze", "*");
        Assert.Equal(ExitCode.WrongUsage, result.Code);
        Assert.Contains("--freeze * leaves no parameter that trains; expected one at least.", result.Errors);
    }

    [Fact]
    public async Task TablesOfOtherProgramsAreRead()
    {
        var captions = _folder.File("captions.txt");
        File.WriteAllLines(captions, Emoji.Select(name => $"{TestData.Path("emoji", name + ".png")}|{name}").Append("x.png|"));
        string[] command =
        [
            "train", captions, "-o", _folder.File("out"), "--steps", "1", "-b", "4", "--delimiter", "|", "--no-header",
            "--image-column", "0", "--caption-column", "1", "--json",
        ];
        Assert.Contains("line 9: no caption", (await Cli.RunAsync(command)).Errors);
        var skipping = await Cli.RunAsync([.. command, "--skip-unreadable"]);
        Assert.Equal(1, (int)skipping.Done()["steps"]!);
        Assert.Contains("line 9: no caption", skipping.Errors);
        Assert.Equal(ExitCode.WrongUsage, (await Cli.RunAsync([.. command, "--delimiter", "||"])).Code);
    }

    [Fact]
    public async Task QuotationMarksAreTextWhereThatIsSaid()
    {
        var captions = _folder.File("captions.tsv");
        File.WriteAllLines(captions, Emoji.Select(name => $"{TestData.Path("emoji", name + ".png")}\t\"{name}\", drawn").Prepend("image\tcaption"));
        string[] command = ["train", captions, "-o", _folder.File("out"), "--steps", "1", "-b", "4", "--json"];
        Assert.Contains("line 2: text after a closing quotation mark; double the marks of the text, or read the table without quotes", (await Cli.RunAsync(command)).Errors);
        Assert.Equal(1, (int)(await Cli.RunAsync([.. command, "--no-quotes"])).Done()["steps"]!);
    }

    [Fact]
    public async Task WhatWasStoppedGoesOnToTheSameWeights()
    {
        var captions = WriteCaptions(_folder.File("captions.tsv"));
        string[] Command(string output, params string[] more) =>
            ["train", captions, "-o", _folder.File(output), "--epochs", "3", "-b", "4", "--learning-rate", "1e-4", "--json", .. more];
        var whole = (await Cli.RunAsync(Command("whole"))).Done();
        Assert.Equal(6, (int)whole["steps"]!);

        using var stop = new CancellationTokenSource();
        var stopped = await Cli.RunAsync(new CancellingWriter("step 2 of 6", stop), stop.Token, Command("stopped"));
        Assert.Equal(ExitCode.Cancelled, stopped.Code);
        Assert.Empty(stopped.Output);
        Assert.Contains("Stopped after step 2 of 6", stopped.Errors);
        Assert.Equal(ExitCode.WrongUsage, (await Cli.RunAsync(Command("stopped"))).Code);
        var resumed = await Cli.RunAsync(Command("stopped", "--resume"));
        Assert.Equal(6, (int)resumed.Done()["steps"]!);
        Assert.Contains("Going on after step 2 of 6", resumed.Errors);

        using var expected = SafeTensors.Open(Path.Combine(_folder.File("whole"), "model.safetensors"));
        using var found = SafeTensors.Open(Path.Combine(_folder.File("stopped"), "model.safetensors"));
        using var before = SafeTensors.Open(Path.GetFullPath(TestData.Path("..", "..", "models", "altclip-emoji", "model.safetensors")));
        Assert.Equal(expected.Names.Order(), found.Names.Order());
        foreach (var name in expected.Names)
        {
            using var scope = TorchSharp.torch.NewDisposeScope();
            Assert.True(expected[name].equal(found[name]).all().item<bool>(), name);
        }
        using (TorchSharp.torch.NewDisposeScope())
            Assert.False(before["visual_projection.weight"].to(TorchSharp.torch.float32).equal(found["visual_projection.weight"]).all().item<bool>());
        Assert.Equal([1, 2, 3, 4, 5, 6], TrainingLog.Read(Path.Combine(_folder.File("stopped"), "training-log.csv")).Select(point => point.Step));
        using var pipeline = AltCLIPPipeline.FromPretrained(_folder.File("stopped"));
    }

    [Fact]
    public async Task AdaptersAreSavedAloneOrInTheModel()
    {
        var captions = WriteCaptions(_folder.File("captions.tsv"));
        string[] common = ["--steps", "2", "-b", "4", "--lora", "--lora-rank", "2", "--learning-rate", "0.01", "--warmup", "0"];
        Assert.Equal(ExitCode.Done, (await Cli.RunAsync(["train", captions, "-o", _folder.File("alone"), .. common])).Code);
        Assert.Equal(
            ["adapter_config.json", "adapter_model.safetensors", "checkpoint.safetensors", "training-log.csv"],
            Directory.GetFiles(_folder.File("alone")).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
        Assert.Equal(ExitCode.Done, (await Cli.RunAsync(["train", captions, "-o", _folder.File("merged"), .. common, "--merge"])).Code);

        var shipped = Path.GetFullPath(TestData.Path("..", "..", "models", "altclip-emoji"));
        using var model = AltCLIPModel.FromPretrained(shipped);
        using var adapter = LoraAdapter.FromPretrained(model, _folder.File("alone"));
        adapter.Merge();
        using var merged = AltCLIPModel.FromPretrained(_folder.File("merged"));
        using var scope = TorchSharp.torch.NewDisposeScope();
        var weights = merged.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        foreach (var (name, parameter) in model.named_parameters()) Assert.True(parameter.allclose(weights[name], atol: 1e-6), name);
        using var untouched = AltCLIPModel.FromPretrained(shipped);
        Assert.Contains(untouched.named_parameters(), p => !p.parameter.allclose(weights[p.name], atol: 1e-4));
    }

    [Fact]
    public async Task BatchLargerThanTheDataIsRefused()
    {
        var result = await Cli.RunAsync("train", WriteCaptions(_folder.File("captions.tsv")), "-o", _folder.File("output"));
        Assert.Equal(ExitCode.WrongUsage, result.Code);
        Assert.Contains("--batch-size is 64, but there are 8 examples", result.Errors);
        Assert.False(Directory.Exists(_folder.File("output")));
    }

    [Fact]
    public async Task ALossThatIsRegisteredTrainsByItsName()
    {
        var captions = WriteCaptions(_folder.File("captions.tsv"));
        async Task<double?> LossOf(string output, params string[] more)
        {
            var command = TrainCommand.Create(new CliConsole(new StringWriter(), new StringWriter()), BiasedLoss.Registered);
            string[] arguments = [captions, "-o", _folder.File(output), "--steps", "2", "-b", "4", "--learning-rate", "1e-2", "--warmup", "0", .. more];
            Assert.Equal(0, await command.Parse(arguments).InvokeAsync());
            return TrainingLog.Read(Path.Combine(_folder.File(output), "training-log.csv"))[0].Loss;
        }
        var contrastive = await LossOf("contrastive");
        Assert.Equal(contrastive, await LossOf("named", "--loss", "contrastive"));
        Assert.NotEqual(contrastive, await LossOf("biased", "--loss", "biased"));
        using var checkpoint = SafeTensors.Open(Path.Combine(_folder.File("biased"), "checkpoint.safetensors"));
        using var scope = TorchSharp.torch.NewDisposeScope();
        Assert.NotEqual(-1, checkpoint["model.loss.bias"].item<float>());
        using var pipeline = AltCLIPPipeline.FromPretrained(_folder.File("biased"));
    }

    [Fact]
    public async Task LossesAreListedAndOthersAreRefused()
    {
        Assert.Contains("contrastive", (await Cli.RunAsync("train", "--help")).Output.Split('\n').Single(line => line.TrimStart().StartsWith("--loss ", StringComparison.Ordinal)));
        var result = await Cli.RunAsync("train", "captions.tsv", "-o", _folder.File("output"), "--loss", "biased");
        Assert.Equal(ExitCode.WrongUsage, result.Code);
        Assert.Contains("'biased' is not among contrastive, ", result.Errors);
    }

    /// <summary>Cancels when a text has been written.</summary>
    private sealed class CancellingWriter(string text, CancellationTokenSource stop) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            if (value?.Contains(text, StringComparison.Ordinal) == true) stop.Cancel();
        }
    }
}
