using System.Diagnostics;

namespace AltClip.Mutation;

/// <summary>Tries a sample of each file's mutants, one of each file after the other, so that what was tried until the time is over is of all.</summary>
internal sealed class MutationRun(MutationArguments arguments)
{
    private readonly Dictionary<string, Sources> _sources = [];
    private readonly Dictionary<string, TestBed> _beds = [];
    private readonly Dictionary<string, (int Killed, int Ended, int Survived)> _counts = [];

    public void Go(TextWriter output)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(arguments.Output))!);
        var time = Stopwatch.StartNew();
        var samples = Area.All.Where(area => arguments.Areas?.Contains(area.Name) ?? true).SelectMany(Samples).ToList();
        output.WriteLine($"{samples.Count} files, {samples.Sum(sample => sample.Count)} mutants, of which {arguments.Sample} of each file are tried (seed {arguments.Seed}).");
        for (var round = 0; round < arguments.Sample; round++)
        {
            foreach (var sample in samples)
            {
                if (time.Elapsed.TotalSeconds > arguments.Seconds) return;
                Try(sample, output);
            }
        }
    }

    public void Report(TextWriter output)
    {
        foreach (var (area, (killed, ended, survived)) in _counts)
            output.WriteLine($"{area,-12} {killed + ended,5} of {killed + ended + survived,5} killed, {ended,3} of them by time: {100.0 * (killed + ended) / (killed + ended + survived):0} %");
        var (dead, all) = (_counts.Values.Sum(count => count.Killed + count.Ended), _counts.Values.Sum(count => count.Killed + count.Ended + count.Survived));
        output.WriteLine($"{dead} of {all} killed: {100.0 * dead / all:0.0} %");
    }

    private IEnumerable<Sample> Samples(Area area)
    {
        var project = Path.Combine(arguments.Repository, "src", area.Project);
        if (!_sources.TryGetValue(area.Project, out var sources)) _sources.Add(area.Project, sources = Sources.Of(Path.Combine(project, $"{area.Project}.csproj")));
        if (!_beds.TryGetValue(area.Tests, out var bed)) _beds.Add(area.Tests, bed = new TestBed(arguments.Repository, arguments.Work, area.Tests));
        bed.Replace(sources.AssemblyName, sources.Compile());
        foreach (var stage in area.Stages) bed.Measure(stage);
        foreach (var file in area.Sources.SelectMany(pattern => Directory.GetFiles(Path.Combine(project, Path.GetDirectoryName(pattern)!), Path.GetFileName(pattern))).Distinct().Order(StringComparer.Ordinal))
        {
            if (arguments.Files is { } part && !file.Contains(part, StringComparison.Ordinal)) continue;
            var mutants = Mutants.Of(sources.Tree(file).GetRoot()).ToArray();
            new Random(arguments.Seed).Shuffle(mutants);
            if (mutants.Length > 0) yield return new Sample(area, sources, bed, Path.GetRelativePath(arguments.Repository, file), new(mutants), mutants.Length);
        }
    }

    private void Try(Sample sample, TextWriter output)
    {
        while (sample.Left.TryDequeue(out var mutant))
        {
            // Many are no C#; they are no part of the sample.
            if (sample.Sources.Compile(mutant) is not { } assembly) continue;
            sample.Bed.Replace(sample.Sources.AssemblyName, assembly);
            var outcome = sample.Area.Stages.Select(sample.Bed.Run).FirstOrDefault(outcome => outcome != Outcome.Passed);
            var (killed, ended, survived) = _counts.GetValueOrDefault(sample.Area.Name);
            _counts[sample.Area.Name] = (killed + (outcome == Outcome.Failed ? 1 : 0), ended + (outcome == Outcome.EndedByTime ? 1 : 0), survived + (outcome == Outcome.Passed ? 1 : 0));
            var line = $"{(outcome == Outcome.Passed ? "SURVIVED" : outcome)}\t{sample.Area.Name}\t{sample.File}:{mutant.Line}\t{mutant.Change}";
            File.AppendAllText(arguments.Output, line + "\n");
            output.WriteLine(line);
            return;
        }
    }

    private sealed record Sample(Area Area, Sources Sources, TestBed Bed, string File, Queue<Mutant> Left, int Count);
}
