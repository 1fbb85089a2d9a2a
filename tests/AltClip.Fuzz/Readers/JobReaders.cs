using AltClip.Cli;

namespace AltClip.Fuzz.Readers;

/// <summary>What reads the results of <c>altclip embed</c>: the job's settings, what shares and parts say of themselves, and embeddings.</summary>
internal static class JobReaders
{
    private const string Inputs = "texts.jsonl";
    private const int Texts = 5;
    private const int Width = 4;

    public static IEnumerable<(string Name, Func<FuzzTarget> Create)> All(Seeds seeds) =>
    [
        ("job-settings", () => new("", [seeds.Written("a job", folder => Write(folder, EmbeddingFormat.Jsonl))], Read, Changes: name => name == "job.json")),
        ("job", () => new("", [.. Enum.GetValues<EmbeddingFormat>().Select(format => seeds.Written($"a job in {format}", folder => Write(folder, format)))], Read, Changes: name => name != Inputs)),
    ];

    private static void Read(string folder) => JobVerifier.VerifyAsync(folder).GetAwaiter().GetResult();

    private static void Write(string folder, EmbeddingFormat format)
    {
        var inputs = Path.Combine(folder, Inputs);
        File.WriteAllLines(inputs, Enumerable.Range(0, Texts).Select(i => $$"""{"id":"{{i}}","text":"text {{i}}"}"""));
        var settings = new JobSettings([inputs], new InputOptions { Texts = true }, Shards: 2, PartSize: 2, format, InferencePrecision.Float32, "a model", IdForm.Short);
        var job = new JobFolder(folder);
        job.Claim(settings, () => IdForm.Short);
        foreach (var shard in Shard.All(settings.Shards)) Write(job.Open(shard), ShardPlan.Create(job.OpenInputs(settings), shard), settings);
    }

    private static void Write(ShardFolder folder, ShardPlan plan, JobSettings settings)
    {
        var parts = plan.Places().Chunk(settings.PartSize).ToArray();
        long failed = 0;
        for (var part = 0; part < parts.Length; part++)
        {
            var rows = parts[part].Where(place => place.Index > 0).Select(place => new EmbeddedRow($"{place.Index}", place.Source, place.Index, [1f, .. new float[Width - 1]])).ToArray();
            var failures = parts[part].Where(place => place.Index == 0).Select(place => new FailedInput("0", place.Source, place.Index, "it is empty")).ToArray();
            failed += failures.Length;
            folder.WriteAsync(part, settings.Format, plan.Fingerprint, rows, failures).GetAwaiter().GetResult();
        }
        folder.SetComplete(new ShardReport(plan.Fingerprint, plan.Count, plan.Count - failed, failed, parts.Length));
    }
}
