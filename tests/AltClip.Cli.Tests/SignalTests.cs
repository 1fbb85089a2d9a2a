using System.Diagnostics;
using System.Runtime.InteropServices;
using AltClip.Tests;
using Xunit;

namespace AltClip.Cli.Tests;

/// <summary>One signal ends every command, with 130 and a line that says what is kept; nothing half-written is left.</summary>
public sealed class SignalTests : IDisposable
{
    private const int Copies = 40;

    private static readonly string Tool = typeof(CliConsole).Assembly.Location;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string, string>();
            string[] signals = ["INT", "TERM", "HUP"];
            (string Command, string Said)[] commands =
            [
                ("classify PICTURES --labels a b", "nothing was written"),
                ("search penguin --store STORE", "nothing was written"),
                ("explain PICTURE --text a b c --output OUT.png", "nothing was written"),
                ("evaluate zero-shot PICTURES", "nothing was written"),
                ("evaluate retrieval CAPTIONS", "nothing was written"),
                ("convert MODEL OUT --dtype float16 --shard-size 100kB", "nothing was written"),
                ("embed FOLDER -o OUT", "inputs done and kept"),
                ("index FOLDER --store OUT", "the same command goes on"),
                ("train CAPTIONS -o OUT --steps 100000 -b 8", ""),
            ];
            for (var i = 0; i < commands.Length; i++) cases.Add(signals[i % signals.Length], commands[i].Command, commands[i].Said);
            return cases;
        }
    }

    [Theory(Timeout = 120_000)]
    [MemberData(nameof(Cases))]
    public async Task TheFirstEndsACommand(string signal, string command, string said)
    {
        var (code, output, errors) = await RunAsync($"--default-signal={signal}", signal, await ArgumentsAsync(command));
        Assert.True(code == (int)ExitCode.Cancelled, $"{code}: {output}{errors}");
        var line = Assert.Single(errors.Split('\n'), line => line.StartsWith("Stopped", StringComparison.Ordinal));
        // Before anything was begun, there is nothing to say of it.
        Assert.True(line.Contains(said) || line.Contains("nothing was written"), line);
        Assert.DoesNotContain("   at ", errors);
        Assert.DoesNotContain(
            Directory.EnumerateFileSystemEntries(_folder.Path, "*", SearchOption.AllDirectories), path => path.Contains(".tmp") || path.Contains(".unfinished-"));
        if (command.StartsWith("convert", StringComparison.Ordinal)) Assert.False(Path.Exists(_folder.File("out")));
    }

    /// <summary>As <c>nohup</c> starts what is to outlive its terminal.</summary>
    [Fact(Timeout = 120_000)]
    public async Task AHangUpThatIsIgnoredEndsNothing()
    {
        var (code, output, errors) = await RunAsync("--ignore-signal=HUP", "HUP", await ArgumentsAsync("classify PICTURES --labels a b"));
        Assert.True(code == 0, $"{code}: {errors}");
        Assert.Contains("rocket.png", output);
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(string how, string signal, string[] arguments)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The processes are started as env of GNU does it.");
        using var process = Process.Start(new ProcessStartInfo("env", [how, "dotnet", Tool, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var end = TestContext.Current.CancellationToken.Register(() => process.Kill());
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        while (!process.HasExited && !LoadsModel(process.Id)) await Task.Delay(2);
        if (!process.HasExited) Assert.Contains(Kill(process.Id, signal switch { "HUP" => 1, "INT" => 2, _ => 15 }), new[] { 0, -1 });
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await errors);
    }

    private static bool LoadsModel(int process)
    {
        try
        {
            return File.ReadLines($"/proc/{process}/maps").Any(line => line.Contains("libtorch_cpu"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // it ends
        }
    }

    private async Task<string[]> ArgumentsAsync(string command)
    {
        var pictures = Directory.CreateDirectory(_folder.File("pictures/all")).FullName;
        foreach (var picture in Directory.EnumerateFiles(TestData.Path("emoji"), "*.png"))
            for (var i = 0; i < Copies; i++) File.Copy(picture, Path.Combine(pictures, $"{i}-{Path.GetFileName(picture)}"));
        if (command.Contains("STORE")) Assert.Equal(ExitCode.Done, (await Cli.RunAsync("index", TestData.Path("emoji"), "--store", _folder.File("store"))).Code);
        return [.. command.Split(' ').SelectMany(word => word switch
        {
            "PICTURES" when command.StartsWith("evaluate", StringComparison.Ordinal) => [_folder.File("pictures")],
            "PICTURES" => Directory.GetFiles(pictures),
            "PICTURE" => [TestData.Path("emoji", "penguin.png")],
            "FOLDER" => [pictures],
            "MODEL" => [TestData.Path("..", "..", "models", "altclip-emoji")],
            "CAPTIONS" => [TrainCommandTests.WriteCaptions(_folder.File("captions.tsv"))],
            "STORE" => [_folder.File("store")],
            "OUT" => [_folder.File("out")],
            "OUT.png" => [_folder.File("out.png")],
            _ => (string[])[word],
        })];
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int process, int signal);
}
