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
