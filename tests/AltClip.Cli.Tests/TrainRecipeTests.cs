using AltClip.Checkpoints;
using AltClip.Tests;
using AltClip.Training;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Cli.Tests;

/// <summary>What <c>altclip train</c> has beyond a plain run.</summary>
public sealed class TrainRecipeTests : IDisposable
{
    private static readonly string Shipped = Path.GetFullPath(TestData.Path("..", "..", "models", "altclip-emoji", "model.safetensors"));

    private readonly TemporaryFolder _folder = new();
    private readonly string _captions;

    public TrainRecipeTests() => _captions = TrainCommandTests.WriteCaptions(_folder.File("captions.tsv"));

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--batch-size is 1, but --loss contrastive compares", "-b", "1")]
    [InlineData("--batch-size is 1, but --loss siglip compares", "-b", "1", "--loss", "siglip")]
    [InlineData("--gradient-cache and --accumulate", "--gradient-cache", "2", "--accumulate", "2")]
    [InlineData("--unlocked-groups goes with", "--unlocked-groups", "2")]
    [InlineData("--unlocked-groups is 99, but an encoder has", "--lock-text", "--unlocked-groups", "99")]
    [InlineData("--layer-decay: expected", "--layer-decay", "1.5")]
    [InlineData("--ema: expected", "--ema", "1")]
    [InlineData("--ema-warmup goes with --ema", "--ema-warmup")]
    [InlineData("--cooldown goes with", "--cooldown", "0.5")]
    [InlineData("don't go with --lora", "--lora", "--layer-decay", "0.5")]
    [InlineData("--patience goes with", "--patience", "2")]
    [InlineData("--best-by top1 goes with --validation-classes", "--validation", "captions.tsv", "--best-by", "top1")]
    public async Task WhatCannotBeIsRefused(string says, params string[] options)
    {
        var result = await Cli.RunAsync(["train", _captions, "-o", _folder.File("out"), "--steps", "1", .. options.Contains("-b") ? [] : new[] { "-b", "4" }, .. options]);
        Assert.Equal(ExitCode.WrongUsage, result.Code);
        Assert.Contains(says, result.Errors);
    }

    [Theory]
    [InlineData("--seed", "7")]
    [InlineData("--learning-rate", "1e-3")]
    [InlineData("--optimizer", "muon")]
    [InlineData("-b", "3")]
    public async Task ARunGoesOnWithItsOwnSettingsOrByOverride(string option, string value)
    {
        Dictionary<string, string> usual = new() { ["--seed"] = "0", ["--learning-rate"] = "1e-5", ["--optimizer"] = "adamw", ["-b"] = "4" };
        string[] Command(IReadOnlyDictionary<string, string> with, params string[] more) =>
            ["train", _captions, "-o", _folder.File("out"), "--json", .. with.SelectMany(p => new[] { p.Key, p.Value }), .. more];
        Assert.Equal(1, (int)(await Cli.RunAsync(Command(usual, "--steps", "1"))).Done()["steps"]!);
        var other = new Dictionary<string, string>(usual) { [option] = value };
        var refused = await Cli.RunAsync(Command(other, "--steps", "2", "--resume"));
        Assert.Equal(ExitCode.WrongUsage, refused.Code);
        Assert.Contains("was " + (option == "--learning-rate" ? "1E-05" : usual[option]), refused.Errors);
        Assert.Contains("--override", refused.Errors);
        Assert.Equal(2, (int)(await Cli.RunAsync(Command(other, "--steps", "2", "--resume", "--override"))).Done()["steps"]!);
        Assert.Equal(3, (int)(await Cli.RunAsync(Command(other, "--steps", "3", "--resume"))).Done()["steps"]!);
    }

    [Fact]
    public async Task OtherDataIsRefused()
    {
        await TrainAsync("out", "--steps", "1");
        File.AppendAllText(_captions, $"{TestData.Path("emoji", "pizza.png")}\tpizza again\n");
        var refused = await Cli.RunAsync("train", _captions, "-o", _folder.File("out"), "-b", "4", "--steps", "2", "--resume");
        Assert.Equal(ExitCode.WrongUsage, refused.Code);
        Assert.Contains("data was", refused.Errors);
    }

    [Fact]
    public async Task OtherPicturesByTheSameNamesAreRefused()
    {
        foreach (var folder in new[] { "one", "other", "moved" }) Directory.CreateDirectory(_folder.File(folder));
        string[] names = ["pizza.png", "rocket.png", "penguin.png", "cactus.png"];
        foreach (var (name, next) in names.Zip(names.Skip(1).Append(names[0])))
        {
            foreach (var folder in new[] { "one", "moved" }) File.Copy(TestData.Path("emoji", name), Path.Combine(_folder.File(folder), name));
            File.Copy(TestData.Path("emoji", next), Path.Combine(_folder.File("other"), name));
        }
        await File.WriteAllLinesAsync(_captions, names.Select(name => $"{name}\t{Path.GetFileNameWithoutExtension(name)}").Prepend("image\tcaption"));
        await TrainAsync("out", "--steps", "1", "--images", _folder.File("one"));
        await TrainAsync("out", "--steps", "1", "--images", _folder.File("moved"), "--resume");
        await RefusedAsync("examples was", "--images", _folder.File("other"));
    }

    [Fact]
    public async Task AdaptersGoOnWithTheirOwnModelOnly()
    {
        foreach (var folder in new[] { "model", "same", "changed" }) ModelCommandsTests.CopyFolder(BuiltInModel.Folder, _folder.File(folder));
        await File.WriteAllTextAsync(Path.Combine(_folder.File("same"), "thresholds.json"), "{}");
        await using (var weights = File.OpenWrite(Model("changed")))
        {
            weights.Position = weights.Length - 1;
            weights.WriteByte(0x3f);
        }
        await TrainAsync("out", "--steps", "1", "--lora", "--model", _folder.File("model"));
        await TrainAsync("out", "--steps", "1", "--lora", "--model", _folder.File("same"), "--resume");
        await RefusedAsync("--model was", "--lora", "--model", _folder.File("changed"));
    }

    [Fact]
    public async Task AnotherAdapterInTheModelIsRefused()
    {
        foreach (var (name, seed) in new[] { ("first", "0"), ("second", "1") }) await TrainAsync(name, "--steps", "1", "--lora", "--seed", seed);
        Directory.CreateSymbolicLink(_folder.File("link"), _folder.File("first"));
        await TrainAsync("out", "--steps", "1", "--adapter", _folder.File("first"));
        await TrainAsync("out", "--steps", "1", "--adapter", _folder.File("link"), "--resume");
        await RefusedAsync("--adapter was", "--adapter", _folder.File("second"));
        await RefusedAsync("--adapter was", "--adapter", _folder.File("first"), "--adapter-weight", "0.5");
        await RefusedAsync("and is none");
    }

    [Fact]
    public async Task WhatSaysWhichWeightsAreBestStaysTheSame()
    {
        string other = TrainCommandTests.WriteCaptions(_folder.File("other.tsv")), same = TrainCommandTests.WriteCaptions(_folder.File("same.tsv"));
        await File.AppendAllTextAsync(other, $"{TestData.Path("emoji", "pizza.png")}\tpizza again\n");
        await TrainAsync("out", "--steps", "1", "--validation", _captions, "--keep-best");
        await TrainAsync("out", "--steps", "1", "--validation", same, "--keep-best", "--resume");
        await RefusedAsync("--validation was", "--validation", other, "--keep-best");
        await RefusedAsync("--validation was", "--validation", other, "--patience", "3");
        await RefusedAsync("--validation was", "--validation", same, "--keep-best", "--best-by", "recall");
        await RefusedAsync("and is none");
        // What is shown only may be another.
        await TrainAsync("shown", "--steps", "1", "--validation", _captions);
        await TrainAsync("shown", "--steps", "2", "--validation", other, "--resume");
    }

    [Theory]
    [InlineData("contrastive")]
    [InlineData("siglip")]
    public async Task GradientCachingTrainsAsTheWholeBatch(string loss)
    {
        await TrainAsync("whole", "--steps", "2", "--loss", loss);
        await TrainAsync("cached", "--steps", "2", "--loss", loss, "--gradient-cache", "3");
        Assert.All(Log("whole").Zip(Log("cached")), pair =>
        {
            Assert.Equal(pair.First.Loss, pair.Second.Loss, 1e-3);
            Assert.Equal(1, pair.Second.GradientNorm / pair.First.GradientNorm, 1e-2);
        });
    }

    [Fact]
    public async Task SigLipBeginsWithItsOwnScaleAndBias()
    {
        await TrainAsync("out", "--steps", "1", "--loss", "siglip");
        using var scope = NewDisposeScope();
        using var checkpoint = SafeTensors.Open(Path.Combine(_folder.File("out"), "checkpoint.safetensors"));
        Assert.Equal(Math.Log(10), checkpoint["model.logit_scale"].item<float>(), 1e-3);
        Assert.Equal(-10, checkpoint["model.loss.logit_bias"].item<float>(), 1e-3);
    }

    [Fact]
    public async Task ALockedEncoderStaysButForItsLastGroups()
    {
        await TrainAsync("out", "--steps", "1", "--lock-image", "--unlocked-groups", "1", "--layer-decay", "0.5", "--optimizer", "muon", "--schedule", "cooldown", "--warmup", "0");
        using var scope = NewDisposeScope();
        using var before = SafeTensors.Open(Shipped);
        using var after = SafeTensors.Open(Path.Combine(_folder.File("out"), "model.safetensors"));
        Assert.All(before.Names.Where(name => name.StartsWith("vision_model.", StringComparison.Ordinal)), name => Assert.True(Same(name), name));
        Assert.False(Same("visual_projection.weight"));
        Assert.False(Same("text_projection.weight"));

        bool Same(string name) => before[name].to(float32).equal(after[name]).all().item<bool>();
    }

    [Fact]
    public async Task TheAverageIsWrittenAndTheWeightsAreKept()
    {
        await TrainAsync("whole", "--steps", "4", "--ema", "0.5");
        using var scope = NewDisposeScope();
        using var checkpoint = SafeTensors.Open(Path.Combine(_folder.File("whole"), "checkpoint.safetensors"));
        using var written = SafeTensors.Open(Path.Combine(_folder.File("whole"), "model.safetensors"));
        Assert.True(checkpoint["average.visual_projection.weight"].equal(written["visual_projection.weight"]).all().item<bool>());
        Assert.False(checkpoint["model.visual_projection.weight"].equal(written["visual_projection.weight"]).all().item<bool>());
    }

    [Fact]
    public async Task TheAverageIsResumed()
    {
        string[] average = ["--ema", "0.8", "--ema-warmup", "--learning-rate", "1e-3", "--warmup", "0", "--schedule", "constant"];
        await TrainAsync("whole", ["--steps", "4", .. average]);
        await TrainAsync("parts", ["--steps", "2", .. average]);
        await TrainAsync("parts", ["--steps", "4", "--resume", .. average]);
        Assert.Equal(await File.ReadAllBytesAsync(Model("whole")), await File.ReadAllBytesAsync(Model("parts")));
        await TrainAsync("plain", ["--steps", "4", .. average[3..]]);
        Assert.NotEqual(await File.ReadAllBytesAsync(Model("whole")), await File.ReadAllBytesAsync(Model("plain")));
    }

    [Fact]
    public async Task TheAveragesDecayRisesWithTheSteps()
    {
        string[] options = ["--steps", "3", "--learning-rate", "1e-3", "--warmup", "0", "--checkpoint-every", "1", "--ema", "0.9"];
        await TrainAsync("fixed", options);
        await TrainAsync("rising", [.. options, "--ema-warmup"]);
        using var scope = NewDisposeScope();
        using var last = SafeTensors.Open(Path.Combine(_folder.File("rising"), "checkpoint.safetensors"));
        using var held = SafeTensors.Open(Path.Combine(_folder.File("fixed"), "checkpoint.safetensors"));
        const string name = "visual_projection.weight";
        Assert.True(last["model." + name].equal(held["model." + name]).all().item<bool>());
        // With decays that begin at 0 the average has come nearer to the weights than with 0.9 from the first step.
        Assert.True(Behind(last) < 0.7 * Behind(held), $"{Behind(last)} and {Behind(held)}");

        static double Behind(SafeTensors file) => (file["average." + name] - file["model." + name]).norm().item<float>();
    }

    [Theory]
    [InlineData("linear", 0.0, 0.5, 1.0, 0.75, 0.5, 0.25)]
    [InlineData("constant", 0.5, 1.0, 1.0, 1.0, 1.0, 1.0)]
    public async Task TheRateGoesAsTheScheduleSays(string schedule, params double[] parts)
    {
        // A third of the steps are the warm-up's.
        await TrainAsync("out", "--steps", "6", "--learning-rate", "1e-5", "--warmup", "0.34", "--schedule", schedule);
        var rates = Log("out").Select(point => point.LearningRate).ToList();
        Assert.All(rates.Zip(parts), pair => Assert.Equal(1e-5 * pair.Second, pair.First, 1e-15));
        Assert.Equal(6, rates.Count);
    }

    [Fact]
    public async Task ClassesAreMeasuredAndDecide()
    {
        foreach (var name in new[] { "cactus", "penguin", "pizza" })
        {
            Directory.CreateDirectory(_folder.File("classes/" + name));
            File.Copy(TestData.Path("emoji", name + ".png"), _folder.File($"classes/{name}/1.png"));
        }
        var result = await TrainAsync(
            "out", "--steps", "4", "--validation-classes", _folder.File("classes"), "--validate-every", "2", "--keep-best", "--patience", "9", "--learning-rate", "1e-6");
        Assert.Contains("step 2: validation top1 1.0000, top5 1.0000", result.Errors);
        Assert.Contains("The weights are those after step 2, which measured best.", result.Errors);
        // The shipped model knows them; a number that is the better the larger it is, is the smaller the better with its sign.
        Assert.Equal([null, -1, null, -1], Log("out").Select(point => point.Evaluation));
        Assert.Equal(1, Log("out")[3].Metrics["validation/top1"]);
        var both = await TrainAsync(
            "both", "--steps", "1", "--validation-classes", _folder.File("classes"), "--validation", _captions, "--best-by", "top1", "--learning-rate", "1e-6");
        Assert.Contains("validation loss", both.Errors);
        Assert.Equal(-1, Log("both").Single().Evaluation);
        Assert.Equal(
            ["validation/image_recall@1", "validation/loss", "validation/recall", "validation/text_recall@1", "validation/top1", "validation/top5"],
            Log("both").Single().Metrics.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task ValidationIsMeasuredAndTheBestIsWritten()
    {
        var result = await TrainAsync(
            "out", "--steps", "6", "--validation", _captions, "--validate-every", "1", "--patience", "2", "--keep-best", "--tensorboard",
            "--learning-rate", "0.05", "--warmup", "0", "--augment", "strong");
        Assert.Contains("step 1: validation loss", result.Errors);
        Assert.Contains("recall", result.Errors);
        var evaluations = Log("out").Select(point => point.Evaluation!.Value).ToList();
        Assert.Equal(evaluations, Log("out").Select(point => point.Metrics["validation/loss"]));
        var best = evaluations.IndexOf(evaluations.Min()) + 1;
        Assert.Contains($"The weights are those after step {best}, which measured best.", result.Errors);
        Assert.Equal(Math.Min(6, best + 2), evaluations.Count);
        Assert.Single(Directory.GetFiles(Path.Combine(_folder.File("out"), "tensorboard"), "events.out.tfevents.*"));
    }

    private async Task RefusedAsync(string says, params string[] options)
    {
        var (code, _, errors) = await Cli.RunAsync(["train", _captions, "-o", _folder.File("out"), "-b", "4", "--steps", "2", "--resume", .. options]);
        Assert.Equal(ExitCode.WrongUsage, code);
        Assert.Contains(says, errors);
    }

    private string Model(string output) => Path.Combine(_folder.File(output), "model.safetensors");

    private IReadOnlyList<TrainingLogPoint> Log(string output) => TrainingLog.Read(Path.Combine(_folder.File(output), "training-log.csv"));

    private async Task<CliResult> TrainAsync(string output, params string[] options)
    {
        var result = await Cli.RunAsync(["train", _captions, "-o", _folder.File(output), "-b", "4", "--json", .. options]);
        result.Done();
        return result;
    }
}
