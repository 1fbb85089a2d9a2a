using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;

namespace AltClip.Mutation;

/// <summary>Tries a sample of each area's mutants, one of each area after the other, so that what was tried until the time is over is of all.</summary>
internal sealed class MutationRun(MutationArguments arguments)
{
    private readonly Dictionary<string, Sources> _sources = [];
    private readonly Dictionary<string, TestBed> _beds = [];
    private readonly ConcurrentDictionary<string, bool> _tried = [];

    public void Go(TextWriter output)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(arguments.Output))!);
        var time = Stopwatch.StartNew();
        var samples = Area.All.Where(area => arguments.Areas?.Contains(area.Name) ?? true).GroupBy(area => area.Name).Select(Of).ToList();
        foreach (var sample in samples) output.WriteLine($"{sample.Name}: {sample.All} mutants, of which {arguments.Sample} are tried (seed {arguments.Seed}).");
        for (var round = 0; round < arguments.Sample; round++)
        {
            foreach (var sample in samples)
            {
                if (time.Elapsed.TotalSeconds > arguments.Seconds) break;
                Try(sample, output);
            }
        }
        foreach (var sample in samples) output.WriteLine(Counted(sample.Name, sample.Counts));
        output.WriteLine(Counted("all", samples.SelectMany(sample => sample.Counts)));
    }

    private static string Counted(string name, IEnumerable<KeyValuePair<Outcome, int>> counts)
    {
        var outcomes = counts.ToLookup(count => count.Key, count => count.Value);
        var (failed, ended, passed) = (outcomes[Outcome.Failed].Sum(), outcomes[Outcome.EndedByTime].Sum(), outcomes[Outcome.Passed].Sum());
        return $"{name,-12} {failed + ended,5} of {failed + ended + passed,5} killed, {ended,3} of them by time: {100.0 * (failed + ended) / (failed + ended + passed):0.0} %";
    }

    private Sample Of(IGrouping<string, Area> areas)
    {
        var candidates = new List<Candidate>();
        var files = new HashSet<string>();
        foreach (var area in areas)
        {
            var project = Path.Combine(arguments.Repository, "src", area.Project);
            if (!_sources.TryGetValue(area.Project, out var sources)) _sources.Add(area.Project, sources = Sources.Of(Path.Combine(project, $"{area.Project}.csproj")));
            if (!_beds.TryGetValue(area.Tests, out var bed)) _beds.Add(area.Tests, bed = new TestBed(arguments.Repository, arguments.Work, area.Tests));
            _tried.TryAdd(Digest(sources.Unchanged), true);
            foreach (var file in area.Sources.SelectMany(pattern => Directory.GetFiles(Path.Combine(project, Path.GetDirectoryName(pattern)!), Path.GetFileName(pattern))).Order(StringComparer.Ordinal))
            {
                if (!files.Add(file)) continue;
                candidates.AddRange(Mutants.Of(sources.Tree(file).GetRoot()).Select(mutant => new Candidate(area, sources, bed, Path.GetRelativePath(arguments.Repository, file), mutant)));
            }
        }
        var mutants = candidates.Where(candidate => arguments.Places?.Any(place => candidate.Place.EndsWith(place, StringComparison.Ordinal)) ?? true).ToArray();
        new Random(arguments.Seed).Shuffle(mutants);
        var left = new Queue<Candidate>(mutants);
        return new Sample(areas.Key, mutants.Length, left, []) { Next = Task.Run(() => Compiled(left)) };
    }

    private void Try(Sample sample, TextWriter output)
    {
        if (sample.Next.GetAwaiter().GetResult() is not { } next) return;
        // While the tests of this one run, the next one is compiled.
        sample.Next = Task.Run(() => Compiled(sample.Left));
        var (candidate, assembly) = next;
        var (area, sources, bed, _, mutant) = candidate;
        var (outcome, killer) = area.Stages.Select(stage => bed.Run(stage, sources.AssemblyName, sources.Unchanged, assembly)).FirstOrDefault(result => result.Outcome != Outcome.Passed);
        sample.Counts[outcome] = sample.Counts.GetValueOrDefault(outcome) + 1;
        var line = $"{(outcome == Outcome.Passed ? "SURVIVED" : outcome)}\t{sample.Name}\t{candidate.Place}\t{mutant.Change}\t{killer}";
        File.AppendAllText(arguments.Output, line + "\n");
        output.WriteLine(line);
    }

    /// <summary>The next mutant that is a program of its own. Many are no C#, some become the very program that another one or the source does: they are no part of the sample.</summary>
    private (Candidate, byte[])? Compiled(Queue<Candidate> left)
    {
        while (left.TryDequeue(out var candidate))
        {
            if (candidate.Sources.Compile(candidate.Mutant) is { } assembly && _tried.TryAdd(Digest(assembly), true)) return (candidate, assembly);
        }
        return null;
    }

    // Compiling is deterministic: equal programs are equal bytes.
    private static string Digest(byte[] assembly) => Convert.ToHexString(SHA256.HashData(assembly));

    private sealed record Candidate(Area Area, Sources Sources, TestBed Bed, string File, Mutant Mutant)
    {
        public string Place => $"{File}:{Mutant.Line}";
    }

    private sealed record Sample(string Name, int All, Queue<Candidate> Left, Dictionary<Outcome, int> Counts)
    {
        public required Task<(Candidate, byte[])?> Next { get; set; }
    }
}
