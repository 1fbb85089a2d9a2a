using AltClip.Tests;
using Xunit;

namespace AltClip.Cli.Tests;

/// <summary>A converted model is there whole or not at all, and what a killed process left beside goes with the next one.</summary>
public sealed class NewFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Target => _folder.File("model");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ItAppearsWhenItIsWritten()
    {
        NewFolder.Write(Target, beside =>
        {
            Assert.False(Directory.Exists(Target));
            File.WriteAllText(Path.Combine(beside, "a"), "a");
        });
        Assert.Equal(["a"], Directory.GetFiles(Target).Select(Path.GetFileName));
        Assert.Equal(["model"], _folder.Files);
    }

    [Fact]
    public void NothingIsLeftOfAFailure()
    {
        Assert.Throws<IOException>(() => NewFolder.Write(Target, beside =>
        {
            File.WriteAllText(Path.Combine(beside, "a"), "a");
            throw new IOException("full");
        }));
        Assert.Empty(_folder.Files);
    }

    [Fact]
    public void WhatDeadProcessesLeftGoesAndWhatLivingOnesWriteStays()
    {
        var (withLock, _, others) = (LeftOver(), LeftOver(), Directory.CreateDirectory(_folder.File("model.mine.tmp")).FullName);
        File.WriteAllText(withLock + ".lock", "");
        File.WriteAllText($"{Target}.{Guid.NewGuid():N}.tmp.lock", ""); // its folder was moved or deleted
        NewFolder.Write(Target, own => NewFolder.Write(Target, inner =>
        {
            Assert.True(Directory.Exists(own)); // another is still writing it
            Assert.Equal(new[] { own, own + ".lock", inner, inner + ".lock", others }.Order(StringComparer.Ordinal), Directory.GetFileSystemEntries(_folder.Path).Order(StringComparer.Ordinal));
        }));
        Assert.Equal([Target, others], Directory.GetFileSystemEntries(_folder.Path).Order(StringComparer.Ordinal));
    }

    /// <summary>In patterns of files these stand for others.</summary>
    [Theory]
    [InlineData("mod*")]
    [InlineData("mod??")]
    public void WhatWasLeftOfAnotherFolderStays(string name)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "No name has such signs there.");
        var other = LeftOver();
        NewFolder.Write(_folder.File(name), beside => File.WriteAllText(Path.Combine(beside, "a"), "a"));
        Assert.Equal(new[] { other, _folder.File(name) }.Order(StringComparer.Ordinal), Directory.GetFileSystemEntries(_folder.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task AConversionLeavesNothingWhenItIsStopped()
    {
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        var result = await Cli.RunAsync(new StringWriter(), stop.Token, "convert", TestData.Path("e2e"), Target);
        Assert.Equal(ExitCode.Cancelled, result.Code);
        Assert.Contains("Stopped; nothing was written.", result.Errors);
        Assert.Empty(_folder.Files);
    }

    private string LeftOver()
    {
        var folder = Directory.CreateDirectory($"{Target}.{Guid.NewGuid():N}.tmp").FullName;
        File.WriteAllText(Path.Combine(folder, "model.safetensors"), "half");
        return folder;
    }
}
