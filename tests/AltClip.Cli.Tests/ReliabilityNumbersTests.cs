using System.Reflection;
using AltClip.Tests;
using Xunit;

namespace AltClip.Cli.Tests;

/// <summary>What docs/reliability.md says of the programs that try AltClip is what they do.</summary>
public sealed class ReliabilityNumbersTests
{
    private static readonly string Page = File.ReadAllText(Repository.Path("docs", "reliability.md"));

    [Fact]
    public async Task ReadersAreAsMany()
    {
        // In no time every reader is made and none tried; the last line sums up.
        var report = (await ProgramProcess.RunAsync("AltClip.Fuzz", [TestData.Folder, "--seconds", "0"])).TrimEnd().Split('\n');
        new Statement("{} readers take turns", report.Length - 1).AssertHolds();
        Assert.Equal(TimeSpan.FromSeconds(1 / 5.0), CodeConstant.Of("AltClip.Fuzz", "Fuzz.FuzzRun", "Turn"));
        Assert.Contains("each a fifth of a second", Page);
    }

    [Fact]
    public void AReadersBoundsAreThose() => new Statement(
        "within {} seconds and {} MB", CodeConstant.Of("AltClip.Fuzz", "Fuzz.Verdict", "MostSeconds"), (long)CodeConstant.Of("AltClip.Fuzz", "Fuzz.Verdict", "MostBytes") / 1_000_000)
        .AssertHolds();

    [Fact]
    public void TheSoakIsThat()
    {
        object Constant(string name) => CodeConstant.Of("AltClip.Soak", "Soak.SoakRun", name);
        double Percent(string name) => Math.Round(100 * (double)Constant(name), 9);
        new Statement("encodes texts and pictures by {} threads at once", SoakThreads()).AssertHolds();
        new Statement("{} % of the calls cancelled, {} % with bad input", Percent("CancelledShare"), Percent("BadShare")).AssertHolds();
        new Statement("memory no more than {} % above", Percent("MostGrowth")).AssertHolds();
        Assert.Equal(1 / 3.0, Constant("WarmUpShare"));
        Assert.Contains("after a third of the time", Page);
    }

    [Fact]
    public void WhatIsLeftBehindIsAsOld()
    {
        Assert.Equal(TimeSpan.FromHours(1), CodeConstant.Of("AltClip", "Shared.StagedFiles", "OfNoLivingProcess"));
        Assert.Matches(@"go with a later one's, when they are an hour old", Page);
    }

    [Fact]
    public void KillsInARowAreAsMany() => new Statement("left, up to {} in a row", CodeConstant.Of("AltClip.Faults", "Faults.KillRun", "KillsInARow")).AssertHolds();

    [Fact]
    public void ClocksJumpAsFar()
    {
        var jumps = ((string Name, string Stopped, string GoesOn)[])CodeConstant.Of("AltClip.Faults", "Faults.ClockRun", "Jumps");
        new Statement("a clock that jumps by {} years", jumps.Single(jump => jump.Name == "ahead").GoesOn.Trim('+', 'y')).AssertHolds();
    }

    [Fact]
    public void MutantsAreGivenAsMuchTime()
    {
        object Constant(string name) => CodeConstant.Of("AltClip.Mutation", "Mutation.TestBed", name);
        new Statement("take {} times the processor time and {} s more than they usually do, or stand still for {} s",
            Constant("TimesOfProcessor"), Constant("SecondsOfProcessor"), ((TimeSpan)Constant("Waiting")).TotalSeconds).AssertHolds();
    }

    private static int SoakThreads()
    {
        var arguments = Assembly.Load("AltClip.Soak").GetType("AltClip.Soak.SoakArguments", throwOnError: true)!;
        var parsed = arguments.GetMethod("Parse")!.Invoke(null, [new[] { TestData.Folder }]);
        return (int)arguments.GetProperty("Threads")!.GetValue(parsed)!;
    }
}
