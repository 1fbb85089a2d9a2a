using System.Diagnostics;
using System.Runtime.InteropServices;
using AltClip.Checkpoints;
using AltClip.Tests;
using AltClip.Training;
using Xunit;

namespace AltClip.Cli.Tests;

/// <summary>Two signals, at one moment of a computation or another: the second ends the process at once, and what it wrote is whole.</summary>
public sealed class InterruptionTests : IDisposable
{
    private static readonly string Tool = typeof(CliConsole).Assembly.Location;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory(Timeout = 120_000)]
    [InlineData("TERM", "TERM", 0)]
    [InlineData("TERM", "INT", 15)]
    [InlineData("INT", "TERM", 30)]
    [InlineData("INT", "INT", 50)]
    [InlineData("TERM", "TERM", 80)]
    [InlineData("HUP", "TERM TERM", 120)]
    public async Task EmbeddingEndsAtOnce(string first, string second, int milliseconds)
    {
        var (pictures, output) = (Pictures(), _folder.File("out"));
        await InterruptAsync(
            first, second, milliseconds, () => Directory.Exists(output) && Directory.EnumerateFiles(output, "part.json", SearchOption.AllDirectories).Any(),
            "embed", pictures, "-o", output, "--part-size", "64", "--batch-size", "64", "--format", "jsonl");
        var report = (await Cli.RunAsync("embed", "verify", output, "--json")).Json;
        var problems = report["problems"]!.AsArray().Select(problem => (string)problem!);
        Assert.All(problems, problem => Assert.Contains("not complete", problem));
        Assert.Equal((0, 0, 0), ((int)report["twice"]!, (int)report["unknown"]!, (int)report["damaged"]!));
        Assert.Equal(0, (int)report["embedded"]! % 64);
    }

    [Theory(Timeout = 120_000)]
    [InlineData("TERM", "TERM", 0)]
    [InlineData("TERM", "INT", 20)]
    [InlineData("INT", "TERM", 40)]
    [InlineData("INT", "INT", 70)]
    [InlineData("TERM", "TERM", 100)]
    [InlineData("HUP", "TERM TERM", 150)]
    public async Task TrainingEndsAtOnce(string first, string second, int milliseconds)
    {
        var (captions, output) = (TrainCommandTests.WriteCaptions(_folder.File("captions.tsv")), _folder.File("out"));
        var log = Path.Combine(output, "training-log.csv");
        await InterruptAsync(
            first, second, milliseconds, () => File.Exists(log) && TrainingLog.Read(log).Count > 1, "train", captions, "-o", output, "--steps", "100000", "-b", "8");
        Assert.True(TrainingLog.Read(log).Count > 1);
        var checkpoint = Path.Combine(output, "checkpoint.safetensors");
        if (File.Exists(checkpoint)) SafeTensors.Open(checkpoint).Dispose();
        Assert.DoesNotContain(Directory.GetFiles(output), file => Path.GetFileName(file).StartsWith("model") && !file.EndsWith(".tmp"));
    }

    private static async Task InterruptAsync(string first, string second, int milliseconds, Func<bool> isUnderWay, params string[] arguments)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The processes are started as env of GNU does it.");
        // SIGINT is ignored by all that a shell has started in the background, and by what that starts.
        using var process = Process.Start(new ProcessStartInfo("env", ["--default-signal=INT,TERM,HUP", "dotnet", Tool, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        using var end = TestContext.Current.CancellationToken.Register(() => process.Kill());
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        while (!process.HasExited && !isUnderWay()) await Task.Delay(10);
        Send(process, first);
        // Time that it computes for, however busy the machine is.
        var computed = process.HasExited ? TimeSpan.Zero : process.TotalProcessorTime;
        while (!process.HasExited && (process.TotalProcessorTime - computed).TotalMilliseconds < milliseconds) await Task.Delay(1);
        foreach (var signal in second.Split(' ')) Send(process, signal);
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == (int)ExitCode.Cancelled, $"{process.ExitCode}: {await output}{await errors}");
    }

    private string Pictures()
    {
        var folder = Directory.CreateDirectory(_folder.File("pictures")).FullName;
        foreach (var picture in Directory.EnumerateFiles(TestData.Path("emoji"), "*.png"))
            for (var i = 0; i < 80; i++) File.Copy(picture, Path.Combine(folder, $"{i}-{Path.GetFileName(picture)}"));
        return folder;
    }

    private static void Send(Process process, string signal)
    {
        if (!process.HasExited) Assert.Contains(Kill(process.Id, signal switch { "HUP" => 1, "INT" => 2, _ => 15 }), new[] { 0, -1 });
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int process, int signal);
}
