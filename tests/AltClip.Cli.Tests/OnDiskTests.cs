using System.Diagnostics;
using AltClip.Tests;
using Xunit;

namespace AltClip.Cli.Tests;

/// <summary>What a conversion asks of the system, and in which order: after a loss of power as after a kill, old or new.</summary>
public sealed class OnDiskTests : IDisposable
{
    private static readonly string Tool = typeof(CliConsole).Assembly.Location;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = 120_000)]
    public async Task AConversionOverAFolderWritesAllBeforeItMovesAny()
    {
        var target = _folder.File("model");
        Assert.Equal(ExitCode.Done, (await Cli.RunAsync("convert", TestData.Path("e2e"), target)).Code);
        var calls = await TraceAsync("convert", TestData.Path("e2e"), target, "--force", "--dtype", "float16", "--shard-size", "100kB");
        // The note of what the configuration was is moved first of all.
        var moves = calls.Index().Where(call => call.Item.Contains(" rename(") && !call.Item.Contains(".before")).Select(call => call.Index).ToList();
        var writes = calls.Index().Where(call => call.Item.Contains(" fsync(") && call.Item.Contains(".tmp>") && !call.Item.Contains(".before")).Select(call => call.Index).ToList();
        Assert.True(moves.Count > 5 && writes.Count == moves.Count, string.Join('\n', calls));
        Assert.True(writes.Max() < moves.Min(), string.Join('\n', calls));
        Assert.Contains(calls.Skip(moves.Max()), call => call.Contains(" fsync(") && call.Contains($"<{target}>"));
    }

    [Fact(Timeout = 120_000)]
    public async Task TheNameOfANewFolderIsOnTheDisk()
    {
        var calls = await TraceAsync("convert", TestData.Path("e2e"), _folder.File("model"));
        var move = calls.FindIndex(call => call.Contains(" rename(") && call.Contains($", \"{_folder.File("model")}\""));
        Assert.True(move >= 0, string.Join('\n', calls));
        Assert.Contains(calls.Skip(move), call => call.Contains(" fsync(") && call.Contains($"<{_folder.Path}>"));
    }

    [Fact(Timeout = 120_000)]
    public async Task WhatAKilledProcessLeftIsKnownUntilAllOfItIsGone()
    {
        var left = Directory.CreateDirectory(_folder.File($"model.{Guid.NewGuid():N}.tmp")).FullName;
        foreach (var name in new[] { "a", "z" }) File.WriteAllText(Path.Combine(left, name), "");
        File.WriteAllText(left + ".lock", "");
        var calls = await TraceAsync("convert", TestData.Path("e2e"), _folder.File("model"));
        Assert.False(Directory.Exists(left));
        var deleted = calls.Where(call => call.Contains(" unlink(") && call.Contains(left)).ToList();
        Assert.Equal(3, deleted.Count);
        Assert.Contains($"\"{left}.lock\"", deleted[^1]);
    }

    private async Task<List<string>> TraceAsync(params string[] arguments)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/usr/bin/strace"), "strace is Linux's; tests/needs installs it.");
        var log = _folder.File("strace");
        using var process = Process.Start(new ProcessStartInfo(
            "strace", ["-f", "-y", "-qq", "-s", "500", "-e", "trace=fsync,rename,unlink", "-o", log, "dotnet", Tool, .. arguments])
        { RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var end = TestContext.Current.CancellationToken.Register(() => process.Kill(entireProcessTree: true));
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await output + await errors);
        // Of a call that another thread came between, the end says nothing.
        return [.. (await File.ReadAllLinesAsync(log)).Where(line => !line.Contains(" resumed>"))];
    }
}
