using System.Text.Json.Nodes;
using AltClip.Checkpoints;
using AltClip.Tests;
using AltClip.Training;
using AltClip.Training.Data;
using AltClip.Training.Teacher;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Cli.Tests;

/// <summary><c>altclip train --teacher</c>: the paper's first stage.</summary>
public sealed class TrainTeacherTests : IDisposable
{
    private const int Width = 192;
    private const int Tokens = 49408;

    private readonly TemporaryFolder _folder = new();
    private readonly string _texts;

    public TrainTeacherTests()
    {
        WriteTeacher(_folder.File("teacher"), Width);
        _texts = _folder.File("texts.tsv");
        File.WriteAllLines(_texts, [
            "en\tde\tfr", "a penguin\tein Pinguin\tun manchot", "a pizza\teine Pizza\tune pizza", "a rocket\teine Rakete\tune fusée", "a cactus\tein Kaktus\t",
        ]);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task TheTextEncoderLearnsAndNothingElse()
    {
        var result = await TrainAsync("out", "--steps", "30", "-b", "4", "--learning-rate", "1e-3", "--warmup", "0", "--validation", _texts, "--validate-every", "30");
        var log = Log("out");
        Assert.Equal(30, log.Count);
        Assert.True(log[^1].Loss < 0.5 * log[0].Loss, $"{log[0].Loss} and then {log[^1].Loss}");
        Assert.Contains("step 30: validation loss", result.Errors);
        Assert.Equal(["validation/loss"], log[^1].Metrics.Keys);

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var teacher = CLIPTextModelWithProjection.FromPretrained(_folder.File("teacher"));
        using var model = AltCLIPModel.FromPretrained(_folder.File("out"));
        using var processor = AltCLIPProcessor.FromPretrained(_folder.File("out"));
        var pairs = ParallelTexts.FromFile(_texts, new() { TargetColumns = ["de", "fr"] });
        var goal = TeacherEmbeddings.Embed(teacher, CLIPTokenizer.FromPretrained(_folder.File("teacher")), [.. pairs.Select(pair => pair.Source)]);
        using var inputs = processor.Process(text: [.. pairs.Select(pair => pair.Target)]);
        var pooled = model.text_model.forward(inputs.InputIds, inputs.AttentionMask).PoolerOutput;
        Assert.Equal((pooled - goal).square().mean().item<float>(), log[^1].Evaluation!.Value, 1e-4);

        using var before = SafeTensors.Open(Path.Combine(BuiltInModel.Folder, "model.safetensors"));
        using var after = SafeTensors.Open(Path.Combine(_folder.File("out"), "model.safetensors"));
        foreach (var name in before.Names)
        {
            var same = before[name].to(float32).equal(after[name]).all().item<bool>();
            if (!name.StartsWith("text_model.", StringComparison.Ordinal)) Assert.True(same, name);
            else if (name.EndsWith("query.weight", StringComparison.Ordinal)) Assert.False(same, name);
        }
    }

    [Fact]
    public async Task WhatWasStoppedGoesOnToTheSameWeights()
    {
        string[] options = ["-b", "3", "--learning-rate", "1e-4", "--warmup", "0", "--schedule", "constant", "--lock-text", "--unlocked-groups", "3"];
        await TrainAsync("whole", ["--steps", "4", .. options]);
        await TrainAsync("parts", ["--steps", "2", .. options]);
        await TrainAsync("parts", ["--steps", "4", "--resume", .. options]);
        Assert.Equal(await File.ReadAllBytesAsync(Model("whole")), await File.ReadAllBytesAsync(Model("parts")));
    }

    [Fact]
    public async Task ATeacherIsKnownByItsFilesAndNotByItsName()
    {
        string[] options = ["-b", "3", "--learning-rate", "1e-6", "--resume", "--steps"];
        await TrainAsync("out", [.. options, "1"]);
        Directory.CreateSymbolicLink(_folder.File("link"), _folder.File("teacher"));
        WriteTeacher(_folder.File("copy"), Width);
        File.WriteAllText(Path.Combine(_folder.File("copy"), "preprocessor_config.json"), "{}");
        foreach (var same in new[] { Path.Combine("teacher", "."), "link", "copy" })
        {
            var resumed = await Cli.RunAsync([.. Command("out", same), .. options, "1"]);
            Assert.True(resumed.Code == ExitCode.Done, resumed.Errors);
            Assert.Contains("Going on after step 1", resumed.Errors);
        }
        // Others in its place, in the last bytes only.
        using (var weights = File.OpenWrite(Path.Combine(_folder.File("teacher"), "model.safetensors")))
        {
            weights.Position = weights.Length - 4;
            weights.Write(BitConverter.GetBytes(0.5f));
        }
        await RefusedAsync("--teacher was", "teacher", [.. options, "1"]);
        var merges = Path.Combine(_folder.File("copy"), "merges.txt");
        File.WriteAllLines(merges, File.ReadAllLines(merges)[..^1]);
        await RefusedAsync("--teacher was", "copy", [.. options, "1"]);
        // Other columns of the same table.
        await RefusedAsync("examples was", "link", [.. options, "1", "--source-column", "de"]);
    }

    [Fact]
    public async Task ACheckpointThatHasATeachersNameOnlyIsRefusedWithWhatToDo()
    {
        string[] options = ["-b", "3", "--learning-rate", "1e-6", "--resume", "--steps"];
        await TrainAsync("out", [.. options, "1"]);
        Rewritten(Path.Combine(_folder.File("out"), "checkpoint.safetensors"), metadata =>
        {
            foreach (var name in new[] { "examples", "--model", "--adapter", "--teacher", "--validation" }) Assert.True(metadata.Remove("setting." + name), name);
            metadata["setting.--loss"] = "that of the teacher ./teacher";
        });
        var errors = await RefusedAsync("is of an earlier version of altclip, which didn't note --adapter, --model, --teacher, --validation, examples", "teacher", [.. options, "2"]);
        Assert.Contains("--loss was that of the teacher ./teacher", errors);
        Assert.Contains("give --override", errors);
        await TrainAsync("out", [.. options, "2", "--override"]);
        await TrainAsync("out", [.. options, "3"]);
    }

    [Theory]
    [InlineData("--images is for pictures", "--images", ".")]
    [InlineData("--lora is for pictures", "--lora")]
    [InlineData("--gradient-cache is for pictures", "--gradient-cache", "2")]
    [InlineData("--loss is for pictures", "--loss", "siglip")]
    [InlineData("--best-by recall is for pictures", "--validation", "texts.tsv", "--best-by", "recall")]
    [InlineData("--batch-size is 64, but there are 7 examples")]
    public async Task WhatIsForPicturesIsRefused(string says, params string[] options)
    {
        var (code, _, errors) = await Cli.RunAsync([.. Command("out", "teacher"), "--steps", "1", .. options]);
        Assert.Equal(ExitCode.WrongUsage, code);
        Assert.Contains(says, errors);
    }

    [Fact]
    public async Task WhatGoesWithATeacherOnlyIsRefusedWithoutOne()
    {
        var (code, _, errors) = await Cli.RunAsync("train", _texts, "-o", _folder.File("out"), "--source-column", "en");
        Assert.Equal(ExitCode.WrongUsage, code);
        Assert.Contains("--source-column goes with --teacher", errors);
    }

    [Fact]
    public async Task ATeacherOfAnotherWidthIsRefused()
    {
        WriteTeacher(_folder.File("narrow"), 24);
        var (code, _, errors) = await Cli.RunAsync([.. Command("out", "narrow"), "--steps", "1", "-b", "2"]);
        Assert.Equal(ExitCode.WrongUsage, code);
        Assert.Contains("embeds texts in 24 numbers (projection_dim), but the model's text encoder in 192", errors);
    }

    private async Task<string> RefusedAsync(string says, string teacher, string[] options)
    {
        var (code, _, errors) = await Cli.RunAsync([.. Command("out", teacher), .. options]);
        Assert.Equal(ExitCode.WrongUsage, code);
        Assert.Contains(says, errors);
        return errors;
    }

    /// <summary>Changes what a file of tensors says of them.</summary>
    private static void Rewritten(string path, Action<Dictionary<string, string>> change)
    {
        using var scope = NewDisposeScope();
        Dictionary<string, Tensor> tensors;
        Dictionary<string, string> metadata;
        using (var file = SafeTensors.Open(path))
        {
            tensors = file.Names.ToDictionary(name => name, name => file[name].clone());
            metadata = new(file.Metadata);
        }
        change(metadata);
        SafeTensors.Save(path, tensors, metadata);
    }

    private string[] Command(string output, string teacher) =>
        ["train", _texts, "-o", _folder.File(output), "--teacher", _folder.File(teacher), "--target-column", "de", "fr"];

    private async Task<CliResult> TrainAsync(string output, params string[] options)
    {
        var result = await Cli.RunAsync([.. Command(output, "teacher"), "--json", .. options]);
        result.Done();
        return result;
    }

    private string Model(string output) => Path.Combine(_folder.File(output), "model.safetensors");

    private IReadOnlyList<TrainingLogPoint> Log(string output) => TrainingLog.Read(Path.Combine(_folder.File(output), "training-log.csv"));

    /// <summary>A small CLIP text encoder with random weights, of CLIP's own tokens.</summary>
    internal static void WriteTeacher(string folder, int width)
    {
        using var scope = NewDisposeScope();
        Directory.CreateDirectory(folder);
        foreach (var name in new[] { "vocab.json", "merges.txt" }) File.Copy(TestData.Path("clip-tokenizer", name), Path.Combine(folder, name));
        var small = TestData.Path("checkpoints", "clip-text-gelu");
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(small, "config.json")))!;
        (config["vocab_size"], config["eos_token_id"], config["projection_dim"]) = (Tokens, Tokens - 1, width);
        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJsonString());
        using (manual_seed(8)) { }
        using var file = SafeTensors.Open(Path.Combine(small, "model.safetensors"));
        SafeTensors.Save(Path.Combine(folder, "model.safetensors"), file.Names.ToDictionary(name => name, name => name switch
        {
            "text_model.embeddings.token_embedding.weight" => randn(Tokens, file.Describe(name).Shape[1]),
            "text_projection.weight" => randn(width, file.Describe(name).Shape[1]) * 0.2,
            _ => file[name],
        }));
    }
}
