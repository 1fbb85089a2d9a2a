using System.Diagnostics;
using System.Text.Json.Nodes;
using AltClip.Search.Tests;
using Xunit;

namespace AltClip.Cli.Tests;

/// <summary><c>altclip embed</c> as it is typed.</summary>
[Collection<EmojiCollection>]
public sealed class EmbedCommandTests(EmojiPipeline model) : JobTest(model)
{
    [Fact]
    public async Task SaysWhatItDid()
    {
        var (code, output, errors) = await TypeAsync("embed", Pictures(6), "-o", Output, "--part-size", "4", "--json");
        Assert.True(code == ExitCode.Done, errors);
        var summary = JsonNode.Parse(output)!;
        Assert.Equal((6, 6, 0), ((int)summary["inputs"]!, (int)summary["embedded"]!, (int)summary["failed"]!));
        Assert.True((double)summary["stage_seconds"]!["encode"]! > 0);
        Assert.Contains("part 2 of 2, 6 of 6, 0 failed", errors);
        Assert.Equal(6, Tables.Embeddings(Path.Combine(Output, "*", "*", "*.parquet")).Count);
        (code, output, _) = await TypeAsync("embed", "verify", Output);
        Assert.Equal(ExitCode.Done, code);
        Assert.Contains("6 inputs: 6 embeddings, 0 failed", output);
    }

    [Fact]
    public async Task AModelThatIsReplacedBeforeItIsLoadedIsRefused()
    {
        var folder = Directory.CreateDirectory(Path.Combine(Folder, "model")).FullName;
        foreach (var file in Directory.GetFiles(BuiltInModel.Folder)) File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        var typing = TypeAsync("embed", Pictures(2), "-o", Output, "--model", folder);
        // The job's settings, which the model's fingerprint is one of, are there before the model is loaded.
        while (!typing.IsCompleted && !File.Exists(Path.Combine(Output, "job.json"))) await Task.Yield();
        File.AppendAllText(Path.Combine(folder, "config.json"), "\n");
        var (code, _, errors) = await typing;
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains($"The model in {folder} was replaced", errors);
    }

    [Fact]
    public async Task FailuresHaveACodeOfTheirOwn()
    {
        string[] typed = ["embed", Pictures(5, 3), "-o", Output, "--format", "npy"];
        var (code, output, _) = await TypeAsync(typed);
        Assert.Equal(ExitCode.SomeFailed, code);
        Assert.Contains("errors.jsonl", output);
        Assert.Equal(ExitCode.SomeFailed, (await TypeAsync(typed)).Code);
        Assert.Equal(ExitCode.Done, (await TypeAsync([.. typed, "--accept-failures"])).Code);
        Assert.Equal(ExitCode.SomeFailed, (await TypeAsync("embed", "verify", Output)).Code);
        Directory.Delete(Parts()[0], recursive: true);
        Assert.Equal(ExitCode.Failed, (await TypeAsync("embed", "verify", Output, "--json")).Code);
    }

    [Fact]
    public async Task LinesMayComeFromStandardInput()
    {
        var pictures = Directory.GetFiles(Pictures(3));
        async Task<(ExitCode Code, string Errors)> WithAsync(string lines, params string[] arguments)
        {
            var errors = new StringWriter();
            var console = new CliConsole(TextWriter.Null, errors) { In = () => new MemoryStream(System.Text.Encoding.UTF8.GetBytes(lines)) };
            return (await CommandLine.RunAsync(["embed", "-", "-o", Output, .. arguments], console), errors.ToString());
        }

        var lines = string.Join('\n', pictures) + "\nhttp://127.0.0.1:9/nobody.png\n";
        for (var i = 0; i < 2; i++) Assert.Equal(ExitCode.SomeFailed, (await WithAsync(lines, "--format", "jsonl")).Code);
        Assert.Equal(pictures, (await RowsAsync()).Select(row => row.Id));
        var other = await WithAsync("x", "--format", "jsonl");
        Assert.Equal(ExitCode.Failed, other.Code);
        Assert.Contains("begun with other lines", other.Errors);
        Directory.Delete(Output, recursive: true);
        var nothing = await WithAsync("", "--texts", "--format", "jsonl");
        Assert.Equal(ExitCode.Failed, nothing.Code);
        Assert.Contains("standard input is empty", nothing.Errors);
        Assert.False(Directory.Exists(Output));
        Assert.Equal(ExitCode.Done, (await WithAsync("penguin\n\n火箭\n", "--texts", "--format", "jsonl")).Code);
        Assert.Equal(["standard-input.txt#0", "standard-input.txt#2"], (await RowsAsync()).Select(row => row.Id));
    }

    [Fact]
    public async Task WhereNothingCanBeReadNothingIsDone()
    {
        string[] typed = ["embed", Pictures(2, 0, 1), "-o", Output];
        var (code, output, errors) = await TypeAsync(typed);
        Assert.Equal(ExitCode.Failed, code);
        Assert.StartsWith("0 embeddings of 2 inputs in ", output);
        Assert.Contains("No input could be read, of 2", errors);
        Assert.Equal(ExitCode.Done, (await TypeAsync([.. typed, "--accept-failures"])).Code);
    }

    [Theory]
    [InlineData(ExitCode.WrongUsage, "--output", "embed PICTURES")]
    [InlineData(ExitCode.WrongUsage, "--part-size", "embed PICTURES -o OUT --part-size 0")]
    [InlineData(ExitCode.WrongUsage, "csv", "embed PICTURES -o OUT --format csv")]
    [InlineData(ExitCode.WrongUsage, "no shard 4/4", "embed PICTURES -o OUT --shard 4/4")]
    [InlineData(ExitCode.Failed, "nowhere", "embed nowhere -o OUT")]
    [InlineData(ExitCode.Failed, "is a folder", "embed PICTURES -o OUT --texts")]
    [InlineData(ExitCode.Failed, "is given twice", "embed PICTURES PICTURES/ -o OUT")]
    [InlineData(ExitCode.Failed, "There is no device cuda:99 here; there is cpu", "embed PICTURES -o OUT --device cuda:99")]
    [InlineData(ExitCode.WrongUsage, "--device is 'gpu'", "embed PICTURES -o OUT --device gpu")]
    [InlineData(ExitCode.WrongUsage, "--batch-size", "embed PICTURES -o OUT --batch-size 0")]
    [InlineData(ExitCode.Failed, "job.json", "embed verify PICTURES")]
    public async Task WhatIsWrongIsNamedAndNothingIsWritten(object code, string expected, string typed)
    {
        var words = typed.Replace("PICTURES", Pictures(1)).Replace("OUT", Output).Split(' ');
        var (found, _, errors) = await TypeAsync(words);
        Assert.Equal((ExitCode)code, found);
        Assert.Contains(expected, errors);
        Assert.False(Directory.Exists(Output));
    }

    [Fact]
    public async Task FoldersOfOneNameGetIdsOfTheirOwnInAnyNumberOfShards()
    {
        string[] inputs = [MovedPictures("a", 5), MovedPictures("b", 4)];
        string[] expected = [.. new[] { ("a", 5), ("b", 4) }.SelectMany(folder =>
            Enumerable.Range(0, folder.Item2).Select(i => $"{folder.Item1}/pictures/{i:D4}.png"))];
        foreach (var shards in new[] { 1, 2, 5 })
        {
            var output = $"{Output}-{shards}";
            for (var shard = 0; shard < shards; shard++)
            {
                var (code, _, errors) = await TypeAsync(["embed", .. inputs, "-o", output, "--part-size", "2", "--shard", $"{shard}/{shards}"]);
                Assert.True(code == ExitCode.Done, errors);
                Assert.Contains("begin with where they are, as a/pictures", errors);
            }
            Assert.Equal(expected, Tables.Embeddings(Path.Combine(output, "*", "*", "*.parquet")).Select(row => row.Id).Order(StringComparer.Ordinal));
            Assert.Equal(ExitCode.Done, (await TypeAsync("embed", "verify", output)).Code);
        }
    }

    [Fact]
    public async Task ARunThatGoesOnKeepsItsIds()
    {
        string[] typed = ["embed", MovedPictures("a", 4), MovedPictures("b", 4), "-o", Output, "--part-size", "2", "--format", "jsonl"];
        await TypeAsync(typed);
        var before = (await RowsAsync()).Select(row => row.Id).ToArray();
        Directory.Delete(Parts()[2], recursive: true);
        File.Delete(Path.Combine(Output, Shard.Whole.Name, "complete.json"));
        Assert.Equal(ExitCode.Done, (await TypeAsync(typed)).Code);
        Assert.Equal(before, (await RowsAsync()).Select(row => row.Id));
        Assert.Equal(8, before.Distinct().Count());
    }

    [Fact]
    public async Task LongIdsMayBeAskedFor()
    {
        var pictures = Pictures(2);
        string[] typed = ["embed", pictures, "-o", Output, "--format", "jsonl"];
        Assert.Equal(ExitCode.Done, (await TypeAsync([.. typed, "--long-ids", "--shard", "0/2"])).Code);
        Assert.Equal(ExitCode.Done, (await TypeAsync([.. typed, "--shard", "1/2"])).Code);
        Assert.Equal(["pictures/0000.png", "pictures/0001.png"], (await RowsAsync()).Select(row => row.Id));
        Directory.Delete(Output, recursive: true);
        await TypeAsync(typed);
        Assert.Equal(["0000.png", "0001.png"], (await RowsAsync()).Select(row => row.Id));
        var (code, _, errors) = await TypeAsync([.. typed, "--long-ids"]);
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("the form of ids was short, now long", errors);
    }

    [Theory]
    [InlineData("the format was jsonl, now npy", "--format", "npy")]
    [InlineData("the precision was float32, now int8", "--precision", "int8")]
    [InlineData("--column was not given, now path", "--column", "path")]
    [InlineData("--no-header was not given, now given", "--no-header")]
    public async Task SettingsOfAnotherJobAreSaidAsTheyAreTyped(string expected, params string[] other)
    {
        string[] typed = ["embed", Pictures(2), "-o", Output];
        await TypeAsync([.. typed, "--format", "jsonl"]);
        var (code, _, errors) = await TypeAsync([.. typed, .. other.Contains("--format") ? [] : new[] { "--format", "jsonl" }, .. other]);
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains(expected, errors);
    }

    [Fact]
    public async Task AKilledWorkerLosesOnlyItsLastPart()
    {
        var pictures = Pictures(400);
        string[] typed = ["embed", pictures, "-o", Output, "--part-size", "8", "--format", "jsonl"];
        var start = new ProcessStartInfo("dotnet", [typeof(EmbedJob).Assembly.Location, .. typed, "--shard", "1/2"]) { RedirectStandardError = true };
        using (var worker = Process.Start(start)!)
        {
            // After the line that says so, a part is there.
            while (await worker.StandardError.ReadLineAsync(TestContext.Current.CancellationToken) is { } line && !line.Contains("part 2 of 25"))
            {
            }
            worker.Kill();
            await worker.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.NotEqual(0, worker.ExitCode);
        }
        Assert.InRange(Parts().Length, 2, 24);
        foreach (var shard in new[] { "0/2", "1/2" }) Assert.Equal(ExitCode.Done, (await TypeAsync([.. typed, "--shard", shard])).Code);
        Assert.Equal(ExitCode.Done, (await TypeAsync("embed", "verify", Output)).Code);
        Assert.Equal(Enumerable.Range(0, 400), (await RowsAsync()).Select(row => row.Index));
    }

    [Fact]
    public async Task SchedulersVariablesChooseTheShard()
    {
        var pictures = Pictures(6);
        foreach (var (task, name) in new[] { ("11", "SLURM_ARRAY_TASK_ID"), ("0", "JOB_COMPLETION_INDEX") })
        {
            var variables = new Dictionary<string, string> { [name] = task };
            if (name.StartsWith("SLURM")) variables["SLURM_ARRAY_TASK_MIN"] = "10";
            variables[name.StartsWith("SLURM") ? "SLURM_ARRAY_TASK_COUNT" : "ALTCLIP_SHARDS"] = "2";
            try
            {
                foreach (var (key, value) in variables) Environment.SetEnvironmentVariable(key, value);
                Assert.Equal(ExitCode.Done, (await TypeAsync("embed", pictures, "-o", Output)).Code);
            }
            finally
            {
                foreach (var key in variables.Keys) Environment.SetEnvironmentVariable(key, null);
            }
        }
        Assert.Equal(ExitCode.Done, (await TypeAsync("embed", "verify", Output)).Code);
        Assert.Equal(2, Directory.GetDirectories(Output, "shard-0000?-of-00002").Length);
    }

    private string MovedPictures(string folder, int count)
    {
        var moved = Path.Combine(Directory.CreateDirectory(Path.Combine(Folder, folder)).FullName, "pictures");
        Directory.Move(Pictures(count), moved);
        return moved;
    }

    private static async Task<(ExitCode Code, string Output, string Errors)> TypeAsync(params string[] typed)
    {
        // Not disposed: a progress display's thread may write a last time when the job is done.
        var (output, errors) = (new StringWriter(), new StringWriter());
        var code = await CommandLine.RunAsync(typed, new CliConsole(output, errors), TestContext.Current.CancellationToken);
        return (code, output.ToString(), errors.ToString());
    }
}
