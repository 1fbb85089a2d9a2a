using System.Diagnostics;
using AltClip.Tests;
using Xunit;

namespace AltClip.Cli.Tests;

public sealed class NoticeFolderTests : IDisposable
{
    private readonly TemporaryFolder _home = new();

    public void Dispose() => _home.Dispose();

    /// <summary>A new user's home has no ~/.local/share.</summary>
    [Fact]
    public void ANoticeIsReadOnceInAnEmptyHomeToo()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows asks no variable where the folder is.");
        Assert.Contains("seen nothing but emoji", Run());
        Assert.DoesNotContain("seen nothing but emoji", Run());
    }

    private string Run()
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "AltClip.Cli.dll"), "classify", TestData.Path("emoji", "pizza.png"), "--labels", "a", "b"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var variable in new[] { "XDG_STATE_HOME", "XDG_DATA_HOME", ModelOption.Variable }) start.Environment.Remove(variable);
        start.Environment["HOME"] = _home.Path;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors + output.Result);
        return errors;
    }
}
