using System.Runtime.InteropServices;
using AltClip.Conformance;
using Xunit;

namespace AltClip.Tests;

/// <summary>The conformance program's groups over the reference data of this repository.</summary>
[Collection(nameof(ProcessWide))]
public sealed class ReferenceTests
{
    [Theory]
    [InlineData("models")]
    [InlineData("e2e")]
    [InlineData("tokenizer")]
    [InlineData("images")]
    [InlineData("clip-tokenizer")]
    [InlineData("pictures")]
    [InlineData("training")]
    [InlineData("training2")]
    [InlineData("adapters")]
    [InlineData("foreign")]
    public void AgreesWithTransformers(string group) => Run(group);

    [Fact]
    public void TheReadmeNamesEveryGroup() => Assert.Contains(
        $"Groups can be named: `{string.Join(' ', Groups.Names)}`", File.ReadAllText(TestData.Path("..", "..", "README.md")));

    [Fact]
    [Trait("Category", "FullSize")]
    public void FullSizeAgreesWithTransformers() => Run("full");

    [Fact]
    public void ReferenceThatIsNotThereFails()
    {
        var report = Groups.Run("models", Path.Combine(TestData.Folder, "nowhere"));
        Assert.Single(report.Failures);
    }

    private static void Run(string group)
    {
        var report = Groups.Run(group, TestData.Folder);
        Assert.NotEqual(0, report.Cases);
        // One case is that no call is left out.
        if (group == "models") Assert.Contains($"every output of {report.Cases - 1} reference calls", File.ReadAllText(TestData.Path("..", "..", "README.md")).ReplaceLineEndings(" "));
        // Several processes train on Linux x64 only.
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
            report.WithoutCode.RemoveAll(line => line.StartsWith("gather/", StringComparison.Ordinal) || line.StartsWith("data-parallel/", StringComparison.Ordinal));
        Assert.Empty(report.WithoutCode);
        Assert.True(report.Failures.Count == 0, string.Join(Environment.NewLine, report.Failures));
    }
}
