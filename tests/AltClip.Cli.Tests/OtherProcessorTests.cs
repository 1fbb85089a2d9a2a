using System.Text.Json.Nodes;
using AltClip.Tests;
using Xunit;

namespace AltClip.Cli.Tests;

/// <summary>
/// The pipeline on processors with fewer instructions than this one, which .NET, libtorch and oneDNN can be told to take it for: in
/// processes of their own, which say so before any of the three begins.
/// </summary>
public sealed class OtherProcessorTests
{
    private const string Avx2 = "AVX2", Sse41 = "SSE4.1";
    private static readonly string[] Command = ["classify", TestData.Path("emoji", "penguin.png"), "--labels", "penguin", "企鹅", "rocket", "--json"];

    [Theory(Timeout = 300_000)]
    [InlineData(Avx2, "float32", 1e-4)]
    [InlineData(Avx2, "bfloat16", 0.01)]
    [InlineData(Avx2, "int8", 0.05)]
    [InlineData(Sse41, "float32", 1e-4)]
    [InlineData(Sse41, "bfloat16", 0.01)]
    [InlineData(Sse41, "int8", 0.05)]
    public async Task ClassifiesAsThisOneDoes(string instructions, string precision, double tolerance)
    {
        var expected = Probabilities((await Cli.RunAsync([.. Command, "--precision", "float32"])).Done());
        var actual = Probabilities(JsonNode.Parse(
            await ProgramProcess.RunAsync("AltClip.Cli", [.. Command, "--precision", precision], Limits(instructions)))!);
        Assert.Equal("penguin", actual.MaxBy(label => label.Value).Key);
        Assert.All(expected, label => Assert.Equal(label.Value, actual[label.Key], tolerance));
    }

    private static (string Name, string Value)[] Limits(string instructions) => instructions == Avx2
        ? [("DOTNET_EnableAVX512", "0"), ("ONEDNN_MAX_CPU_ISA", "AVX2"), ("ATEN_CPU_CAPABILITY", "avx2")]
        : [("DOTNET_EnableAVX2", "0"), ("ONEDNN_MAX_CPU_ISA", "SSE41"), ("ATEN_CPU_CAPABILITY", "default")];

    private static Dictionary<string, double> Probabilities(JsonNode pictures) =>
        pictures[0]!["labels"]!.AsArray().ToDictionary(label => (string)label!["label"]!, label => (double)label!["probability"]!);
}
