using System.Diagnostics;
using System.Text.Json.Nodes;
using AltClip.Tests;
using AltClip.Training;
using Xunit;

namespace AltClip.Cli.Tests;

/// <summary>Several processes that train one model, started by the tool itself.</summary>
public sealed class TrainProcessesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public TrainProcessesTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "Gloo is in libtorch for Linux.");

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = 300_000)]
    public async Task AKilledProcessEndsAllAndTheRunGoesOn()
    {
        var whole = await RunAsync("whole", "--json");
        Assert.True(whole.Code == 0, whole.Errors);
        Assert.Equal(30, (int)JsonNode.Parse(whole.Output)!["steps"]!);

        using (var launcher = Start("killed"))
        {
            var (output, errors) = (launcher.StandardOutput.ReadToEndAsync(), launcher.StandardError.ReadToEndAsync());
            var checkpoint = Path.Combine(_folder.File("killed"), "checkpoint.safetensors");
            while (!launcher.HasExited && !File.Exists(checkpoint)) await Task.Delay(10);
            Process.GetProcessById(Child(launcher.Id, rank: 1)).Kill();
            var clock = Stopwatch.StartNew();
            await launcher.WaitForExitAsync();
            Assert.InRange(clock.Elapsed.TotalSeconds, 0, 60);
            Assert.Equal((int)ExitCode.Failed, launcher.ExitCode);
            Assert.Contains("another process has ended", await errors);
            Assert.Empty(await output);
        }

        var resumed = await RunAsync("killed", "--resume");
        Assert.True(resumed.Code == 0, resumed.Errors);
        Assert.Contains("Going on after step", resumed.Errors);
        Assert.Equal(Enumerable.Range(1, 30).Select(step => (long)step), TrainingLog.Read(Path.Combine(_folder.File("killed"), "training-log.csv")).Select(point => point.Step));
        Assert.Equal(await File.ReadAllBytesAsync(Model("whole")), await File.ReadAllBytesAsync(Model("killed")));
    }

    [Fact(Timeout = 300_000)]
    public async Task WhenTheLauncherIsGoneTheProcessesKeepACheckpointAndStop()
    {
        using var launcher = Start("orphaned", "--steps", "100000");
        var log = Path.Combine(_folder.File("orphaned"), "training-log.csv");
        while (!launcher.HasExited && !(File.Exists(log) && TrainingLog.Read(log).Count > 0)) await Task.Delay(10);
        var children = new[] { 0, 1 }.Select(rank => Process.GetProcessById(Child(launcher.Id, rank))).ToList();
        launcher.Kill();
        foreach (var child in children) await child.WaitForExitAsync();
        Assert.True(File.Exists(Path.Combine(_folder.File("orphaned"), "checkpoint.safetensors")));
    }

    /// <summary>As a scheduler sends it, and a terminal, which sends it to all.</summary>
    [Theory(Timeout = 300_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TheEndOfASignalledRunIsWaitedForAndSaidOnce(bool toAll)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "It has no such signals.");
        using var launcher = Start("stopped", "--steps", "100000");
        var errors = launcher.StandardError.ReadToEndAsync();
        var log = Path.Combine(_folder.File("stopped"), "training-log.csv");
        while (!launcher.HasExited && !(File.Exists(log) && TrainingLog.Read(log).Count > 0)) await Task.Delay(10);
        int[] told = toAll ? [launcher.Id, Child(launcher.Id, rank: 0), Child(launcher.Id, rank: 1)] : [launcher.Id];
        using (var kill = Process.Start("kill", ["-TERM", .. told.Select(id => id.ToString(System.Globalization.CultureInfo.InvariantCulture))])) await kill.WaitForExitAsync();
        await launcher.WaitForExitAsync();
        Assert.Equal((int)ExitCode.Cancelled, launcher.ExitCode);
        Assert.True(File.Exists(Path.Combine(_folder.File("stopped"), "checkpoint.safetensors")), "There is no checkpoint yet.");
        Assert.Contains("--resume goes on", Assert.Single((await errors).Split('\n'), line => line.StartsWith("Stopped", StringComparison.Ordinal)));
        Assert.DoesNotContain("another process has ended", await errors);
    }

    [Fact(Timeout = 300_000)]
    public async Task AnotherNumberOfProcessesIsAnotherRun()
    {
        Assert.Equal(0, (await RunAsync("two", "--steps", "1")).Code);
        var refused = await RunAsync("two", "--steps", "2", "--resume", "--processes", "1");
        Assert.Equal((int)ExitCode.WrongUsage, refused.Code);
        Assert.Contains("--processes was 2", refused.Errors);
        var resumed = await RunAsync("two", "--steps", "2", "--resume", "--processes", "1", "--override");
        Assert.True(resumed.Code == 0, resumed.Errors);
        Assert.Contains("Going on after step 1 of 2", resumed.Errors);
        // And the other way, where the first of the two finds it.
        refused = await RunAsync("two", "--steps", "3", "--resume");
        Assert.Equal((int)ExitCode.WrongUsage, refused.Code);
        Assert.Contains("--processes was 1", refused.Errors);
    }

    [Fact]
    public async Task NumbersWithoutSenseAreRefused()
    {
        var captions = TrainCommandTests.WriteCaptions(_folder.File("captions.tsv"));
        Assert.Equal(ExitCode.WrongUsage, (await Cli.RunAsync("train", captions, "-o", _folder.File("out"), "--processes", "0")).Code);
        Assert.Equal(ExitCode.WrongUsage, (await Cli.RunAsync("train", captions, "-o", _folder.File("out"), "--processes", "2000")).Code);
        Assert.False(Directory.Exists(_folder.File("out")));
    }

    private string Model(string output) => Path.Combine(_folder.File(output), "model.safetensors");

    private async Task<(int Code, string Output, string Errors)> RunAsync(string output, params string[] more)
    {
        using var launcher = Start(output, more);
        var (written, errors) = (launcher.StandardOutput.ReadToEndAsync(), launcher.StandardError.ReadToEndAsync());
        await launcher.WaitForExitAsync();
        return (launcher.ExitCode, await written, await errors);
    }

    private Process Start(string output, params string[] more)
    {
        var captions = TrainCommandTests.WriteCaptions(_folder.File("captions.tsv"));
        string[] processes = more.Contains("--processes") ? [] : ["--processes", "2"];
        string[] steps = more.Contains("--steps") ? [] : ["--steps", "30"];
        var start = new ProcessStartInfo("dotnet", [
            typeof(CliConsole).Assembly.Location, "train", captions, "-o", _folder.File(output), "-b", "2", "--checkpoint-every", "4",
            "--learning-rate", "1e-4", "--local-loss", .. processes, .. steps, .. more,
        ])
        { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["OMP_NUM_THREADS"] = "1";
        return Process.Start(start)!;
    }

    private static int Child(int launcher, int rank) => Directory.EnumerateDirectories("/proc").Select(Path.GetFileName)
        .Select(name => int.TryParse(name, out var id) ? id : 0)
        .First(id => id > 0 && Read($"/proc/{id}/status").Contains($"\nPPid:\t{launcher}\n") && Read($"/proc/{id}/environ").Contains($"\0RANK={rank}\0"));

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ""; // it has ended meanwhile
        }
    }
}
