using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace AltClip.Mutation;

/// <summary>What running tests on a mutant showed.</summary>
internal enum Outcome
{
    Passed,
    Failed,
    EndedByTime,
}

/// <summary>A copy of the built tests in which one assembly is replaced.</summary>
internal sealed class TestBed
{
    // A mutant that turns round without an end takes more of the processor than the tests ever do.
    private const double TimesOfProcessor = 4;
    private const double SecondsOfProcessor = 5;

    // One that waits for what never comes takes hardly any; one that others leave little of the processor takes some.
    private const double SecondsOfWaiting = 0.2;
    private static readonly TimeSpan Waiting = TimeSpan.FromSeconds(45);

    private const string FailedMark = " [FAIL]";

    private readonly string _folder;
    private readonly string _data;
    private readonly string _tests;
    private readonly Dictionary<IReadOnlyList<string>, double> _usual = [];

    /// <summary>Copies the tests; the large files of libtorch are linked.</summary>
    public TestBed(string repository, string work, string tests)
    {
        var root = Path.Combine(work, $"AltClip.Mutation-{tests}");
        (_tests, _data, _folder) = (tests, Path.Combine(root, "tests", "data"), Path.Combine(root, "tests", tests, "bin"));
        // Tests look for tests/data above themselves.
        Directory.CreateDirectory(_folder);
        foreach (var (link, target) in new[] { ("tests/data", "tests/data"), ("models", "models"), ("AltClip.sln", "AltClip.sln"), ("README.md", "README.md") })
        {
            var path = Path.Combine(root, link);
            if (!Path.Exists(path)) File.CreateSymbolicLink(path, Path.Combine(repository, target));
        }
        var built = Path.Combine(repository, "tests", tests, "bin", "Release", "net10.0");
        foreach (var file in Directory.GetFiles(built, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(_folder, Path.GetRelativePath(built, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Delete(copy);
            if (new FileInfo(file) is { Length: > 10_000_000 } or { LinkTarget: not null }) File.CreateSymbolicLink(copy, new FileInfo(file).ResolveLinkTarget(true)?.FullName ?? file);
            else File.Copy(file, copy);
        }
    }

    private void Replace(string name, byte[] assembly)
    {
        var path = Path.Combine(_folder, name);
        File.Delete(path);
        File.WriteAllBytes(path, assembly);
    }

    private void Measure(IReadOnlyList<string> classes)
    {
        var (outcome, seconds, output) = Go(classes, double.MaxValue);
        if (outcome != Outcome.Passed) throw new InvalidOperationException($"{_tests} fails without a change: {output}");
        _usual[classes] = seconds;
    }

    /// <summary>Runs tests until one fails, and says which. The first time, they run without a change before, for how long they take.</summary>
    /// <param name="classes">The tests.</param>
    /// <param name="name">The assembly that is changed.</param>
    /// <param name="unchanged">As it was.</param>
    /// <param name="mutant">With its change.</param>
    public (Outcome Outcome, string Killer) Run(IReadOnlyList<string> classes, string name, byte[] unchanged, byte[] mutant)
    {
        if (!_usual.ContainsKey(classes))
        {
            Replace(name, unchanged);
            Measure(classes);
        }
        Replace(name, mutant);
        var (outcome, _, output) = Go(classes, (_usual[classes] * TimesOfProcessor) + SecondsOfProcessor);
        var failed = output.Split('\n').FirstOrDefault(line => line.EndsWith(FailedMark, StringComparison.Ordinal)) ?? (outcome == Outcome.Failed ? string.Join(' ', classes) : "");
        return (outcome, failed.Replace(FailedMark, "", StringComparison.Ordinal).Trim());
    }

    private (Outcome Outcome, double Seconds, string Output) Go(IReadOnlyList<string> classes, double most)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder };
        // Most of the time is the start: what the compiler measures for long runs is never used.
        start.Environment["DOTNET_TieredPGO"] = "0";
        string[] arguments = classes is [var group] && char.IsLower(group[0])
            ? ["exec", Path.Combine(_folder, "AltClip.Conformance.dll"), _data, group]
            : ["exec", Path.Combine(_folder, $"{_tests}.dll"), "-stopOnFail", "-noColor", "-noLogo", .. classes.SelectMany(name => (string[])["-class", $"*.{name}"])];
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var output = Task.Run(() => process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd());
        var (used, before, idle) = (0.0, 0.0, Stopwatch.StartNew());
        while (!process.WaitForExit(250))
        {
            (used, var stopped) = Look(process, used);
            if (stopped || used > before + SecondsOfWaiting)
            {
                before = used;
                idle.Restart();
            }
            if (used < most && idle.Elapsed < Waiting) continue;
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            return (Outcome.EndedByTime, used, "");
        }
        var text = output.GetAwaiter().GetResult();
        // No test at all is no test passed; the conformance program fails of itself where there is no case.
        var passed = process.ExitCode == 0 && !text.Contains("Total: 0", StringComparison.Ordinal);
        return (passed ? Outcome.Passed : Outcome.Failed, used, text);
    }

    /// <summary>The processor time so far, and whether somebody has stopped it.</summary>
    private static (double Seconds, bool Stopped) Look(Process process, double before)
    {
        try
        {
            // The state follows the name, which is in parentheses.
            var state = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process.Id}/stat"));
            return (process.TotalProcessorTime.TotalSeconds, state[state.LastIndexOf(')') + 2] == 'T');
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or Win32Exception)
        {
            // It has just ended.
            return (before, false);
        }
    }
}
