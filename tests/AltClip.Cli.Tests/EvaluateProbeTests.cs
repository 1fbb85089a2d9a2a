using System.Formats.Tar;
using System.Text;
using AltClip.Tests;
using Xunit;

namespace AltClip.Cli.Tests;

/// <summary><c>altclip evaluate</c> with a linear probe, with few pictures, on shards, and on tables of other programs.</summary>
public sealed class EvaluateProbeTests : IDisposable
{
    private static readonly string[] Classes = ["clock", "fruit", "weather"];

    private readonly TemporaryFolder _folder = new();

    public EvaluateProbeTests()
    {
        foreach (var split in new[] { "train", "test" })
        {
            foreach (var name in Classes)
            {
                Directory.CreateDirectory(Path.Combine(_folder.Path, split, name));
                foreach (var file in Pictures(split, name)) File.Copy(file, Path.Combine(_folder.Path, split, name, Path.GetFileName(file)));
            }
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ALinearProbeLearnsFromFolders()
    {
        var json = (await Cli.RunAsync("evaluate", "linear-probe", _folder.File("train"), _folder.File("test"), "--json")).Done();
        Assert.InRange((double)json["acc1"]!, 0.6, 1);
        Assert.Equal((12, 12, true), ((int)json["pictures"]!, (int)json["training_pictures"]!, (bool)json["converged"]!));
        Assert.InRange(json["weight_decays"]!.AsArray().Count, 11, 15);
        var given = await Cli.RunAsync(
            "evaluate", "linear-probe", _folder.File("train"), _folder.File("test"), "--validation", _folder.File("test"), "--weight-decay", "0.001");
        Assert.True(given.Code == ExitCode.Done, given.Errors);
        Assert.Contains("learned from 24 pictures, decay 0.001 (C 41.67)", given.Output);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(80)]
    public async Task TablesFitTheTerminal(int width)
    {
        foreach (var evaluation in new[] { new[] { "few-shot", _folder.File("train"), _folder.File("test"), "--shots", "1", "--draws", "2" }, ["zero-shot", _folder.File("test")] })
        {
            var result = await Cli.RunAsync(width, ["evaluate", .. evaluation]);
            Assert.True(result.Code == ExitCode.Done, result.Errors);
            Assert.All(result.Output.Split(Environment.NewLine), line => Assert.True(line.Length <= width, line));
        }
    }

    [Fact]
    public async Task FewPicturesAreDrawnSeveralTimes()
    {
        var json = (await Cli.RunAsync("evaluate", "few-shot", _folder.File("train"), _folder.File("test"), "--shots", "1", "3", "--draws", "2", "--json")).Done();
        Assert.Equal([1, 3], json["shots"]!.AsArray().Select(own => (int)own!["shots"]!));
        Assert.All(json["shots"]!.AsArray(), own => Assert.Equal(2, own!["draws"]!.AsArray().Count));
        Assert.NotNull(json["shots"]![0]!["acc1_deviation"]);
        var (code, _, errors) = await Cli.RunAsync("evaluate", "few-shot", _folder.File("train"), _folder.File("test"), "--shots", "5");
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("3 classes have fewer than 5 pictures: clock has 4", errors);
    }

    [Fact]
    public async Task ShardsAndTablesGiveWhatFoldersGive()
    {
        File.WriteAllLines(_folder.File("classnames.txt"), Classes);
        var table = new StringBuilder();
        foreach (var split in new[] { "train", "test" })
        {
            using var tar = new TarWriter(File.Create(_folder.File($"{split}-0.tar")));
            foreach (var (label, name) in Classes.Index())
            {
                foreach (var file in Pictures(split, name))
                {
                    tar.WriteEntry(file, $"{label}/{Path.GetFileName(file)}");
                    tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, $"{label}/{Path.GetFileNameWithoutExtension(file)}.cls") { DataStream = new MemoryStream(Encoding.ASCII.GetBytes($"{label}")) });
                    if (split == "test") table.Append($"{name}/{Path.GetFileName(file)};{name}\n");
                }
            }
        }
        File.WriteAllText(_folder.File("list.txt"), table.ToString());
        string[] named = ["--classes", _folder.File("classnames.txt")];
        var folders = (await Cli.RunAsync("evaluate", "zero-shot", _folder.File("test"), "--json")).Done();
        var shards = (await Cli.RunAsync(["evaluate", "zero-shot", _folder.File("{train,test}-0.tar"), .. named, "--json"])).Done();
        Assert.Equal(24, (int)shards["pictures"]!);
        shards = (await Cli.RunAsync(["evaluate", "zero-shot", _folder.File("test-{0..0}.tar"), .. named, "--json"])).Done();
        Assert.Equal(folders.ToJsonString(), shards.ToJsonString());
        var list = (await Cli.RunAsync(["evaluate", "zero-shot", _folder.File("list.txt"), .. named, "--named", "--images", _folder.File("test"), "--delimiter", ";",
            "--no-header", "--image-column", "0", "--label-column", "1", "--json"])).Done();
        Assert.Equal(folders.ToJsonString(), list.ToJsonString());
        File.WriteAllText(_folder.File("babel.json"), """{"FR": [[2, 0], ["weather", "clock"]]}""");
        var part = (await Cli.RunAsync("evaluate", "zero-shot", _folder.File("test"), "--classes", _folder.File("babel.json"), "--data-set", "FR", "--json")).Done();
        Assert.Equal((8, "weather"), ((int)part["pictures"]!, (string)part["classes"]![0]!["name"]!));
        var probe = (await Cli.RunAsync("evaluate", "linear-probe", _folder.File("train-0.tar"), _folder.File("test"), "--weight-decay", "0.01", "--classes", _folder.File("classnames.txt"), "--json")).Done();
        Assert.Equal((await Cli.RunAsync("evaluate", "linear-probe", _folder.File("train"), _folder.File("test"), "--weight-decay", "0.01", "--json")).Done().ToJsonString(), probe.ToJsonString());
    }

    [Fact]
    public async Task RetrievalReadsTablesOfOtherPrograms()
    {
        var folder = Path.GetDirectoryName(Pictures("test", "fruit")[0])!;
        File.WriteAllLines(_folder.File("captions.txt"), ["FILEPATH|TITLE|n", .. Pictures("test", "fruit").Select((file, i) => $"{Path.GetFileName(file)}|fruit {i}|7")]);
        var json = (await Cli.RunAsync(
            "evaluate", "retrieval", _folder.File("captions.txt"), "-i", folder, "--delimiter", "|", "--caption-column", "title", "--json")).Done();
        Assert.Equal((4, 4), ((int)json["images"]!, (int)json["texts"]!));
        Assert.InRange((double)json["text_retrieval_mean_rank"]!, 1, 4);
        json = (await Cli.RunAsync("evaluate", "retrieval", _folder.File("captions.txt"), "-i", folder, "--delimiter", "|", "--format", "csv", "--caption-column", "title", "n", "--json")).Done();
        Assert.Equal(8, (int)json["texts"]!);
    }

    [Theory]
    [InlineData(ExitCode.WrongUsage, "--delimiter is for tables, not for --format coco", "retrieval x.json --format coco --delimiter ;")]
    [InlineData(ExitCode.WrongUsage, "--no-header is for tables, not for a folder", "zero-shot FOLDER/test --no-header")]
    [InlineData(ExitCode.WrongUsage, "--label-column is for tables, not for shards", "linear-probe FOLDER/x.tar FOLDER/test --label-column x")]
    [InlineData(ExitCode.WrongUsage, "expected the same, or --classes", "linear-probe FOLDER/train FOLDER")]
    [InlineData(ExitCode.WrongUsage, "--weight-decay is 0", "few-shot FOLDER/train FOLDER/test --weight-decay 0")]
    [InlineData(ExitCode.WrongUsage, "--shots is 0", "few-shot FOLDER/train FOLDER/test --shots 0")]
    [InlineData(ExitCode.WrongUsage, "--draws is 0", "few-shot FOLDER/train FOLDER/test --draws 0")]
    [InlineData(ExitCode.Failed, "There is no folder or list FOLDER/none", "linear-probe FOLDER/train FOLDER/none")]
    [InlineData(ExitCode.Failed, "1 of 1 shards are not there", "zero-shot FOLDER/none.tar --classes FOLDER/classes.txt")]
    public async Task WhatIsWrongIsNamed(object code, string expected, string typed)
    {
        File.WriteAllText(_folder.File("classes.txt"), "a\nb\n");
        var (found, _, errors) = await Cli.RunAsync(["evaluate", .. typed.Replace("FOLDER", _folder.Path).Split(' ')]);
        Assert.Contains(expected.Replace("FOLDER", _folder.Path), errors);
        Assert.Equal((ExitCode)code, found);
    }

    private static string[] Pictures(string split, string name)
    {
        var folder = AppContext.BaseDirectory;
        while (!Directory.Exists(Path.Combine(folder, "samples", "LoraFineTuning"))) folder = Path.GetDirectoryName(folder.TrimEnd('/', '\\'))!;
        return [.. Directory.GetFiles(Path.Combine(folder, "samples", "LoraFineTuning", "pictures", split, name)).Order(StringComparer.Ordinal).Take(4)];
    }
}
