using System.Diagnostics;
using System.Globalization;
using AltClip.Tests;
using Xunit;

namespace AltClip.Onnx.Tests;

/// <summary>The sample that runs an exported model from an app that has no libtorch.</summary>
public sealed class SampleTests
{
    [Fact]
    public async Task ItLabelsAPictureWithoutLibtorch()
    {
        var root = Path.GetFullPath(Path.Combine(TestData.Folder, "..", ".."));
        var output = Path.Combine(root, "samples", "OnnxRuntime", Path.GetRelativePath(Path.Combine(root, "tests", "AltClip.Onnx.Tests"), AppContext.BaseDirectory));
        Assert.DoesNotContain(Directory.EnumerateFiles(output, "*", SearchOption.AllDirectories), path => Path.GetFileName(path).Contains("torch_cpu"));
        using var folder = new TemporaryFolder();
        var model = Path.Combine(root, "models", "altclip-emoji");
        using (var loaded = AltCLIPModel.FromPretrained(model)) OnnxExporter.Export(loaded, folder.Path, cancellationToken: TestContext.Current.CancellationToken);
        using (var processor = AltCLIPProcessor.FromPretrained(model)) processor.SavePretrained(folder.Path);

        var start = new ProcessStartInfo("dotnet", [Path.Combine(output, "OnnxRuntime.dll"), folder.Path, TestData.Path("emoji", "penguin.png"), "rocket", "企鹅", "pizza"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var lines = (await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(lines.Length == 3, await errors);
        Assert.EndsWith("企鹅", lines[1].TrimEnd());
        Assert.True(double.Parse(lines[1].Split('%')[0], CultureInfo.InvariantCulture) > 90, lines[1]);
    }
}
