using AltClip.Search.Tests;
using AltClip.Tests;

namespace AltClip.Cli.Tests;

/// <summary>A folder of pictures and one of results, and workers over them.</summary>
public abstract class JobTest(EmojiPipeline model) : IDisposable
{
    private static readonly string[] Emoji = [.. Directory.GetFiles(TestData.Path("emoji"), "*.png").Order(StringComparer.Ordinal)];

    private readonly TemporaryFolder _folder = new();

    internal string Folder => _folder.Path;

    internal string Output => _folder.File("vectors");

    internal AltCLIPPipeline Pipeline => model.Pipeline;

    public void Dispose() => _folder.Dispose();

    /// <summary>A folder with as many pictures as wanted; those with the numbers named are broken.</summary>
    internal string Pictures(int count, params int[] broken)
    {
        var folder = Directory.CreateDirectory(_folder.File("pictures")).FullName;
        for (var i = 0; i < count; i++)
        {
            var target = Path.Combine(folder, $"{i:D4}.png");
            if (broken.Contains(i)) File.WriteAllText(target, "no picture");
            else File.Copy(Emoji[i % Emoji.Length], target);
        }
        return folder;
    }

    internal EmbedRequest Request(
        string input, Shard? shard = null, EmbeddingFormat format = EmbeddingFormat.Jsonl, int partSize = 4, bool texts = false) => new(
            new JobSettings([input], new InputOptions { Texts = texts }, (shard ?? Shard.Whole).Count, partSize, format, InferencePrecision.Float32, "emoji"),
            shard ?? Shard.Whole, Output, BatchSize: 3);

    internal Task<EmbedSummary> RunAsync(EmbedRequest request, Action<EmbedProgress>? progress = null, CancellationToken cancellationToken = default) =>
        EmbedJob.Open(request).RunAsync(Pipeline, new ImmediateProgress<EmbedProgress>(progress ?? (_ => { })), cancellationToken);

    /// <summary>All rows of the results, in the order of the inputs.</summary>
    internal async Task<EmbeddedRow[]> RowsAsync(EmbeddingFormat format = EmbeddingFormat.Jsonl)
    {
        List<EmbeddedRow> rows = [];
        foreach (var part in Parts()) rows.AddRange(await IEmbeddingFile.Of(format).ReadAsync(part, int.MaxValue));
        return [.. rows.OrderBy(row => row.Source).ThenBy(row => row.Index)];
    }

    /// <summary>The folders of finished parts.</summary>
    internal string[] Parts() => [.. Directory.GetDirectories(Output, "part-??????", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
}
