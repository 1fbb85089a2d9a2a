using System.Text.RegularExpressions;
using AltClip.Tests;
using Xunit;

namespace AltClip.Cli.Tests;

/// <summary>The benchmarks as their pages give them, but the least of each.</summary>
public sealed partial class BenchmarkCommandsTests : IDisposable
{
    private const string Data = "tests/data", Store = "bench.duckdb";

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Commands =>
        [$"tokenizer {Data}", $"images {Data}", $"data {Data}", "inference", "kernels", "train", $"search {Store} 20,40 16"];

    public void Dispose() => _folder.Dispose();

    [Theory(Timeout = 300_000)]
    [MemberData(nameof(Commands))]
    public async Task RunToTheirEnd(string command)
    {
        var arguments = command.Split(' ').Select(argument => argument switch
        {
            Data => TestData.Folder,
            Store => _folder.File(Store),
            _ => argument,
        });
        var output = await ProgramProcess.RunAsync("AltClip.Benchmarks", [.. arguments, "--quick"]);
        Assert.NotEmpty(output);
        Assert.DoesNotContain("NaN", output);
        Assert.DoesNotContain("Infinity", output);
    }

    [Fact]
    public async Task FewerNamesThanClassesAreSaidByFileAndOption()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("list.csv"), $"image,label\n{TestData.Path("emoji", "pizza.png")},2\n");
        File.WriteAllText(folder.File("two.txt"), "a\nb\n");
        var result = await Cli.RunAsync("evaluate", "zero-shot", folder.File("list.csv"), "--classes", folder.File("two.txt"), "--template", "{}");
        Assert.Equal(ExitCode.WrongUsage, result.Code);
        Assert.Contains($"list.csv has pictures of class 2, counted from 0, but --classes {folder.File("two.txt")} has 2 names", result.Errors);
    }

    [Fact]
    public async Task PicturesWithoutFoldersAreNoEmptyFolder()
    {
        var result = await Cli.RunAsync("evaluate", "zero-shot", TestData.Path("emoji"));
        Assert.Equal(ExitCode.Failed, result.Code);
        Assert.Contains("it has no folder; expected one for each class", result.Errors);
    }

    [Fact]
    public void AllThatPagesNameAreRunHere()
    {
        var repository = Path.Combine(TestData.Folder, "..", "..");
        var named = new[] { "README.md", "benchmarks/README.md" }
            .SelectMany(page => Command().Matches(File.ReadAllText(Path.Combine(repository, page))))
            .Select(match => match.Groups[1].Value);
        Assert.Equal(Commands.Select(row => row.Data.Split(' ')[0]).Order(), named.Distinct().Order());
    }

    [GeneratedRegex("--project benchmarks/AltClip.Benchmarks -- ([a-z]+)")]
    private static partial Regex Command();
}
