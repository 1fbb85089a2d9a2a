using AltClip.Shared;

namespace AltClip.Cli;

/// <summary>Holds the results of a job against its inputs: reads every row, and looks for each input once.</summary>
internal sealed class JobVerifier
{
    private const double LengthTolerance = 1e-3;
    private const int NamedIds = 100;

    private readonly JobFolder _job;
    private readonly JobSettings _settings;
    private readonly IReadOnlyList<InputSource> _sources;
    private readonly VerifyReport _report = new();
    private readonly IdSet _ids = new();
    private int _width;

    private JobVerifier(string output)
    {
        _job = new JobFolder(output);
        _settings = _job.ReadSettings();
        _sources = _job.OpenInputs(_settings);
    }

    /// <summary>Verifies a job's results.</summary>
    /// <param name="output">The folder of the results.</param>
    /// <param name="only">One share; null for all.</param>
    /// <param name="progress">Is told how many shares are done.</param>
    /// <param name="cancellationToken">Stops between parts.</param>
    /// <exception cref="IOException">There are no results.</exception>
    /// <exception cref="EmbedException">An input is missing or can't be read, or what says how the job was run is damaged.</exception>
    /// <exception cref="ArgumentException">The job has another number of shares.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static async Task<VerifyReport> VerifyAsync(
        string output, Shard? only = null, IProgress<int>? progress = null, CancellationToken cancellationToken = default)
    {
        var verifier = new JobVerifier(output);
        var shards = Shard.All(verifier._settings.Shards).ToArray();
        if (only is { } one && !shards.Contains(one)) throw new ArgumentException($"The job has {Quantity.Of(shards.Length, "shard")}; there is no {one.Name}.");
        var done = 0;
        foreach (var shard in only is { } wanted ? [wanted] : shards)
        {
            await verifier.VerifyShardAsync(shard, cancellationToken);
            progress?.Report(++done);
        }
        var names = shards.Select(shard => shard.Name).ToHashSet();
        verifier._report.Problems.AddRange(Directory.EnumerateDirectories(output).Select(folder => Path.GetFileName(folder))
            .Where(name => !names.Contains(name) && !Unfinished.Is(name)).Select(name => $"{name} is no part of the job"));
        return verifier._report;
    }

    private async Task VerifyShardAsync(Shard shard, CancellationToken cancellationToken)
    {
        var plan = ShardPlan.Create(_sources, shard);
        var folder = _job.Open(shard);
        _report.Inputs += plan.Count;
        var complete = folder.ReadComplete();
        if (complete is null) _report.Problems.Add($"{shard.Name} is not complete");
        else if (complete.Fingerprint != plan.Fingerprint) _report.Problems.Add($"{shard.Name} was made of other inputs than there are now");
        else _report.Problems.AddRange(folder.FindStrangers(complete.Parts).Select(entry => $"{entry} does not belong there"));
        foreach (var (part, places) in plan.Places().Chunk(_settings.PartSize).Index())
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                await VerifyPartAsync(shard, part, places);
            }
            catch (Exception error) when (error is IOException or EmbedException)
            {
                _report.Missing += places.Length;
                _report.Problems.Add($"{shard.Name}, part {part}: {ErrorText.Of(error)}");
            }
        }
    }

    private async Task VerifyPartAsync(Shard shard, int part, (int Source, int Index)[] places)
    {
        var folder = _job.Open(shard);
        if (folder.ReadPart(part) is null)
        {
            _report.Missing += places.Length;
            return;
        }
        var rows = await folder.ReadEmbeddingsAsync(part, _settings.Format, places.Length);
        var failures = folder.ReadFailures(part);
        var (expected, missing) = (places.ToHashSet(), places.ToHashSet());
        foreach (var row in rows)
        {
            if (!IsExpected(expected, missing, (row.Source, row.Index))) continue;
            if (!_ids.Add(row.Id)) AddEqualId($"{row.Id} is the id of another row too: {shard.Name}, part {part}");
            if (IsSound(row.Embedding)) _report.Embedded++;
            else _report.Damaged++;
        }
        foreach (var failure in failures)
        {
            if (IsExpected(expected, missing, (failure.Source, failure.Index))) _report.Failed++;
        }
        _report.Missing += missing.Count;
    }

    private bool IsExpected(HashSet<(int Source, int Index)> expected, HashSet<(int Source, int Index)> missing, (int Source, int Index) place)
    {
        if (missing.Remove(place)) return true;
        if (expected.Contains(place)) _report.Twice++;
        else _report.Unknown++;
        return false;
    }

    private void AddEqualId(string problem)
    {
        if (++_report.EqualIds <= NamedIds) _report.Problems.Add(problem);
    }

    private bool IsSound(float[] embedding)
    {
        if (_width == 0) _width = embedding.Length;
        // Not a number compares as false.
        return embedding.Length == _width && Math.Abs(Math.Sqrt(embedding.Sum(number => (double)number * number)) - 1) < LengthTolerance;
    }
}
