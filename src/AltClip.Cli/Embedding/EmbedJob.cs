using System.Diagnostics;
using System.Threading.Channels;
using AltClip.Imaging;

namespace AltClip.Cli;

/// <summary>
/// A worker's share of an embedding job: what is missing of it is computed part by part. It may be killed at any moment, and run again or
/// twice at once.
/// </summary>
internal sealed class EmbedJob
{
    private readonly EmbedRequest _request;
    private readonly ShardFolder _folder;
    private readonly ShardPlan? _plan;
    private readonly SortedDictionary<int, PartReport> _parts = [];
    private readonly ShardReport? _complete;

    private EmbedJob(EmbedRequest request, CancellationToken cancellationToken)
    {
        var job = new JobFolder(request.Output);
        _request = request;
        var (inputs, reading) = (request.Settings.Inputs, request.Settings.Reading);
        var sources = InputSources.Open(inputs, reading);
        Ids = job.Claim(request.Settings, () => InputIds.Choose(sources, cancellationToken));
        if (Ids == IdForm.Long) sources = InputSources.Open(inputs, reading, IdForm.Long);
        _folder = job.Open(request.Shard);
        _folder.DeleteLeftOver();
        var before = _folder.ReadComplete();
        LostParts = before is null ? 0 : _folder.CountMissing(before.Parts);
        if (before is not null && LostParts == 0)
        {
            _complete = before;
            return;
        }
        _plan = ShardPlan.Create(sources, request.Shard);
        if (before is not null) RefuseOthers(before.Fingerprint);
        if (_plan.Count == 0 && sources.All(source => source.Count == 0))
        {
            throw new EmbedException(
                $"There are no inputs in {string.Join(", ", inputs)}; {LeftOutOf(sources):N0} files and folders there are hidden or not called as {ImageFormats.Names} pictures are.");
        }
        LeftOut = LeftOutOf(_plan.Sources);
        RepeatedNames = _plan.Sources.Sum(source => (long)source.Repeats);
        for (var part = 0; part < PartCount; part++)
        {
            if (_folder.ReadPart(part) is not { } report) continue;
            RefuseOthers(report.Fingerprint);
            _parts.Add(part, report);
        }
        // What it counts may be others when the parts are there again: a picture that failed may be mended.
        if (before is not null) _folder.DeleteComplete();
    }

    /// <summary>Whether there is nothing to do.</summary>
    public bool IsComplete => _complete is not null;

    /// <summary>How many inputs the share has.</summary>
    public long Inputs => _complete?.Inputs ?? _plan!.Count;

    /// <summary>How far it is.</summary>
    public EmbedProgress Progress => _complete is { } done ? new(done.Inputs, done.Failed, done.Parts)
        : new(_parts.Values.Sum(part => (long)part.Embedded + part.Failed), _parts.Values.Sum(part => (long)part.Failed), _parts.Count);

    /// <summary>The form of the inputs' ids.</summary>
    public IdForm Ids { get; }

    /// <summary>How many inputs of the share's files are called as one before them in the same file.</summary>
    public long RepeatedNames { get; }

    /// <summary>How many files and folders are no inputs, in the folders that the share is of.</summary>
    public int LeftOut { get; }

    /// <summary>How many parts of a share that was complete are not there any more; they are made again.</summary>
    public int LostParts { get; }

    /// <summary>How many parts the share has.</summary>
    public int PartCount => _complete?.Parts ?? checked((int)((_plan!.Count + _request.Settings.PartSize - 1) / _request.Settings.PartSize));

    /// <summary>Looks at the inputs and at what is there already.</summary>
    /// <exception cref="IOException">An input is missing, or the output can't be written.</exception>
    /// <exception cref="ArgumentException">An input is of a kind that isn't known or given twice, or the output is another job's.</exception>
    /// <exception cref="EmbedException">
    /// An input can't be read, inputs can't be told apart, or they have changed since the share was begun.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static EmbedJob Open(EmbedRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(request.BatchSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(request.Settings.PartSize);
        return new EmbedJob(request, cancellationToken);
    }

    /// <summary>Computes what is missing.</summary>
    /// <param name="pipeline">The model; null if the share is complete.</param>
    /// <param name="progress">Is told after each batch.</param>
    /// <param name="cancellationToken">Stops between batches; parts that are finished stay.</param>
    /// <returns>What was done.</returns>
    /// <exception cref="IOException">An input file can't be read any more, or the output can't be written.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task<EmbedSummary> RunAsync(AltCLIPPipeline? pipeline, IProgress<EmbedProgress>? progress, CancellationToken cancellationToken)
    {
        var shard = $"{_request.Shard.Index}/{_request.Shard.Count}";
        if (_complete is { } done) return new EmbedSummary(shard, done.Inputs, done.Embedded, done.Failed, done.Inputs, 0, 0, null);
        var before = Progress.Done;
        var start = Stopwatch.GetTimestamp();
        var times = new StageTimes();
        if (_parts.Count < PartCount)
            await EncodeAsync(new BatchEncoder(pipeline ?? throw new ArgumentNullException(nameof(pipeline))), times, progress, cancellationToken);
        var report = new ShardReport(_plan!.Fingerprint, Inputs, _parts.Values.Sum(part => (long)part.Embedded), Progress.Failed, PartCount);
        _folder.SetComplete(report);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return new EmbedSummary(shard, Inputs, report.Embedded, report.Failed, before, seconds, (Inputs - before) / seconds, times);
    }

    private void RefuseOthers(string fingerprint)
    {
        if (fingerprint != _plan!.Fingerprint)
            throw new EmbedException($"The inputs of {_request.Shard.Name} are others than when {_request.Output} was begun. Give another output folder.");
    }

    private static int LeftOutOf(IEnumerable<InputSource> sources) => sources.OfType<FolderSource>().Sum(folder => folder.LeftOut);

    private async Task EncodeAsync(BatchEncoder encoder, StageTimes times, IProgress<EmbedProgress>? progress, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var prepared = Channel.CreateBounded<PreparedBatch>(1);
        var producer = Task.Run(() => PrepareAsync(encoder, times, prepared.Writer, stop.Token), CancellationToken.None);
        try
        {
            List<EmbeddedRow> rows = [];
            List<FailedInput> failures = [];
            await foreach (var batch in prepared.Reader.ReadAllAsync(cancellationToken))
            {
                using (batch) rows.AddRange(times.Encoding(() => encoder.Encode(batch, cancellationToken)));
                failures.AddRange(batch.Failures);
                if (batch.Batch.EndsPart)
                {
                    var part = batch.Batch.Part;
                    _parts[part] = await times.WritingAsync(
                        () => _folder.WriteAsync(part, _request.Settings.Format, _plan!.Fingerprint, rows, failures));
                    (rows, failures) = ([], []);
                }
                progress?.Report(new EmbedProgress(Progress.Done + rows.Count + failures.Count, Progress.Failed + failures.Count, _parts.Count));
            }
        }
        finally
        {
            // Whether all is done, the caller stopped or something failed: nothing goes on and nothing prepared is left.
            await stop.CancelAsync();
            await producer.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            while (prepared.Reader.TryRead(out var unused)) unused.Dispose();
        }
    }

    private async Task PrepareAsync(BatchEncoder encoder, StageTimes times, ChannelWriter<PreparedBatch> writer, CancellationToken cancellationToken)
    {
        try
        {
            int[] missing = [.. Enumerable.Range(0, PartCount).Where(part => !_parts.ContainsKey(part))];
            foreach (var batch in times.Reading(ShardBatches.Read(_plan!, missing, _request.Settings.PartSize, _request.BatchSize)))
            {
                cancellationToken.ThrowIfCancellationRequested();
                var prepared = times.Preparing(() => encoder.Prepare(batch, cancellationToken));
                try
                {
                    await writer.WriteAsync(prepared, cancellationToken);
                }
                catch
                {
                    prepared.Dispose();
                    throw;
                }
            }
            writer.Complete();
        }
        catch (Exception error)
        {
            writer.Complete(error);
        }
    }
}
