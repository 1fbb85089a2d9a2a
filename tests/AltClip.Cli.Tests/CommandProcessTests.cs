using System.Diagnostics;
using AltClip.Checkpoints;
using AltClip.Tests;
using Xunit;

namespace AltClip.Cli.Tests;

/// <summary>What only a process of its own can show: signals, and what a shell makes of the completion script.</summary>
public sealed class CommandProcessTests : IDisposable
{
    private static readonly string Tool = Path.Combine(AppContext.BaseDirectory, "AltClip.Cli.dll");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>By SIGTERM, which is handled as Ctrl-C is: SIGINT is ignored by all that a shell has started in the background.</summary>
    [Fact(Timeout = 300_000)]
    public async Task ASignalKeepsACheckpointOfTraining()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no signal for another process.");
        var captions = TrainCommandTests.WriteCaptions(_folder.File("captions.tsv"));
        using var process = Start("dotnet", Tool, "train", captions, "-o", _folder.File("out"), "--steps", "100000", "-b", "4");
        using var end = TestContext.Current.CancellationToken.Register(() => process.Kill());
        var errors = process.StandardError.ReadToEndAsync();
        var log = Path.Combine(_folder.File("out"), "training-log.csv");
        while (!process.HasExited && (!File.Exists(log) || File.ReadAllLines(log).Length < 3)) await Task.Delay(20);
        Start("kill", "-TERM", process.Id.ToString()).Dispose();
        await process.WaitForExitAsync();
        Assert.Equal((int)ExitCode.Cancelled, process.ExitCode);
        Assert.Contains("--resume goes on", await errors);
        using var checkpoint = SafeTensors.Open(Path.Combine(_folder.File("out"), "checkpoint.safetensors"));
        Assert.InRange(int.Parse(checkpoint.Metadata["step"]), 2, 100_000);
        Assert.Equal(["checkpoint.safetensors", "training-log.csv"], Directory.GetFiles(_folder.File("out")).Select(path => Path.GetFileName(path)).Order());
    }

    /// <summary>Options come only after a dash, and where nothing is left the shell's own way goes on, with files.</summary>
    [Fact]
    public async Task BashCompletes()
    {
        Assert.SkipUnless(File.Exists("/bin/bash"), "There is no bash.");
        const string Script = """
            altclip() { dotnet "$TOOL" "$@"; }
            eval "$(altclip completion bash)"
            for COMP_LINE in "altclip ev" "altclip classify --pre" "altclip classify x.png --precision " "altclip classify pen" "altclip embed ver" "altclip embed --format " "altclip embed --lo" "altclip classify x.png -t "; do
                COMP_POINT=${#COMP_LINE}
                read -ra COMP_WORDS <<< "$COMP_LINE"
                [[ $COMP_LINE == *" " ]] && COMP_WORDS+=("")
                COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
                _altclip
                echo "${#COMPREPLY[@]} ${COMPREPLY[*]}"
            done
            """;
        var start = new ProcessStartInfo("/bin/bash", ["-c", Script]) { RedirectStandardOutput = true, Environment = { ["TOOL"] = Tool }, WorkingDirectory = _folder.Path };
        File.WriteAllText(_folder.File("verses.txt"), "");
        using var process = Process.Start(start)!;
        var lines = (await process.StandardOutput.ReadToEndAsync()).Split('\n');
        Assert.Equal(["1 evaluate", "1 --precision", "3 bfloat16 float32 int8", "0 ", "2 verify verses.txt", "3 jsonl npy parquet", "1 --long-ids", "0 ", ""], lines);
    }

    [Fact]
    public Task ZshCompletes() => AssertCompletesAsync("zsh", ["-f", "-c",
        """
        altclip() { dotnet "$TOOL" "$@" }
        compdef() { }
        compadd() { shift; offered+=("$@") }
        _files() { offered+=($PREFIX*(N)) }
        eval "$(altclip completion zsh)"
        for line; do
            words=(${=line})
            [[ $line == *" " ]] && words+=("")
            CURRENT=${#words} PREFIX=$words[-1] offered=()
            _altclip
            print -r -- $offered
        done
        """, "zsh"]);

    [Fact]
    public Task FishCompletes() => AssertCompletesAsync("fish", ["--no-config", "-c",
        """
        function altclip; dotnet $TOOL $argv; end
        altclip completion fish | source
        for line in $argv; string join -- ' ' (complete -C $line) ''; end
        """]);

    /// <summary>It asks completers of native commands for programs alone, not for functions.</summary>
    [Fact]
    public async Task PowerShellCompletes()
    {
        using var programs = new TemporaryFolder();
        var (program, script) = (programs.File("altclip"), programs.File("complete.ps1"));
        await File.WriteAllTextAsync(program, "#!/bin/sh\nexec dotnet \"$TOOL\" \"$@\"\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await File.WriteAllTextAsync(script, """
            $env:PATH = "$PSScriptRoot$([IO.Path]::PathSeparator)$env:PATH"
            altclip completion pwsh | Out-String | Invoke-Expression
            foreach ($line in $args) { (TabExpansion2 $line $line.Length).CompletionMatches.ListItemText -join ' ' }
            """);
        await AssertCompletesAsync("pwsh", ["-NoProfile", "-NonInteractive", "-File", script]);
    }

    private async Task AssertCompletesAsync(string shell, string[] arguments)
    {
        // Where the system's packages are, and dotnet's tools.
        var program = new[] { "/usr/bin", Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".dotnet", "tools") }
            .Select(folder => Path.Combine(folder, shell)).FirstOrDefault(File.Exists);
        Assert.SkipUnless(program is not null, $"There is no {shell}; tests/needs installs it.");
        (string Line, string Offered)[] expected =
        [
            ("altclip ev", "evaluate"), ("altclip classify x.png --precision ", "bfloat16 float32 int8"), ("altclip classify ver", "verses.txt"),
            ("altclip embed ver", "verify verses.txt"), ("altclip embed --lo", "--long-ids"), ("altclip info --json ", "verses.txt"),
            ("altclip classify x.png -t ", "verses.txt"),
        ];
        await File.WriteAllTextAsync(_folder.File("verses.txt"), "");
        var start = new ProcessStartInfo(program, [.. arguments, .. expected.Select(one => one.Line)])
        {
            RedirectStandardOutput = true,
            Environment = { ["TOOL"] = Tool },
            WorkingDirectory = _folder.Path,
        };
        using var process = Process.Start(start)!;
        var lines = (await process.StandardOutput.ReadToEndAsync()).TrimEnd('\n').Split('\n');
        Assert.Equal(expected.Select(one => one.Offered), lines.Select(line => line.Trim()));
    }

    private static Process Start(string file, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
}
