using System.Collections;

namespace AltClip.Training.Data;

/// <summary>How a <see cref="WebDataset"/> is read.</summary>
public sealed record WebDatasetOptions
{
    /// <summary>The member of a <c>.json</c> that is the caption, or a list of captions, where an example has no <c>.txt</c>.</summary>
    public string CaptionKey { get; init; } = "caption";

    /// <summary>
    /// Whether examples without a picture or without a caption (none, an empty one, null or a number), and damaged shards' rests, are left out
    /// instead of refused.
    /// </summary>
    public bool SkipProblems { get; init; }
}

/// <summary>
/// Pictures with captions in tar shards, as the webdataset library and img2dataset write them: of each example a picture of any of
/// <see cref="Imaging.ImageFormats"/>, by its name, and a <c>.txt</c> or <c>.json</c> of the same name, next to each other.
/// </summary>
/// <remarks>
/// Opening reads the headers and the captions of all shards, and keeps where each example lies (48 bytes): any example can then be read at
/// once, so that a run goes on in the middle without reading what came before. A <see cref="BatchLoader{TExample, TBatch}"/> mixes whole shards, so that what is read
/// lies
/// together. Shards must be uncompressed, as they usually are. An example is called what stands before the first dot of its files' names.
/// </remarks>
public sealed class WebDataset : IReadOnlyList<CaptionedImage>, IShards
{
    private readonly (string Path, FileStamp Stamp)[] _shards;
    private readonly List<ShardExample> _examples;
    private readonly WebDatasetOptions _options;

    private readonly record struct ShardExample(int Shard, TarMember Image, ShardCaptions Captions);

    private WebDataset((string Path, FileStamp Stamp)[] shards, List<ShardExample> examples, List<string> problems, WebDatasetOptions options)
    {
        (_shards, _examples, _options) = (shards, examples, options);
        Problems = problems;
        ShardSizes = [.. Enumerable.Range(0, shards.Length).GroupJoin(examples, i => i, example => example.Shard, (_, own) => own.Count())];
    }

    /// <summary>How many examples there are.</summary>
    public int Count => _examples.Count;

    /// <summary>How many examples each shard has.</summary>
    public IReadOnlyList<int> ShardSizes { get; }

    /// <summary>What was left out, with <see cref="WebDatasetOptions.SkipProblems"/>.</summary>
    public IReadOnlyList<string> Problems { get; }

    /// <summary>Reads an example. Safe to call from several threads.</summary>
    /// <param name="index">Its place, from 0.</param>
    /// <exception cref="IOException">The shard can't be read, or is another than when it was opened.</exception>
    public CaptionedImage this[int index]
    {
        get
        {
            var example = _examples[index];
            var (path, stamp) = _shards[example.Shard];
            var name = $"{path}[{index}]";
            using var file = TarShard.Open(path, stamp);
            var (captions, problem) = example.Captions.Read(file, _options.CaptionKey, name);
            if (problem is not null) throw new DataSetException(name, problem);
            return new CaptionedImage(ImageSource.FromBytes(example.Image.Read(file, name), name), captions);
        }
    }

    /// <summary>Opens shards by a pattern.</summary>
    /// <param name="pattern">Their path, where <c>{000..012}</c> stands for numbers and <c>{a,b}</c> for choices.</param>
    /// <param name="options">How to read; null for the defaults.</param>
    /// <param name="cancellationToken">Stops between shards.</param>
    /// <exception cref="ArgumentException">The pattern is malformed.</exception>
    /// <exception cref="DataSetException">
    /// Shards are missing, damaged or compressed; examples have no picture or no caption, by their keys; or there are none at all. The exception lists
    /// everything.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static WebDataset Open(string pattern, WebDatasetOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new();
        var shards = TarShard.Find(pattern);
        var (examples, problems) = (new List<ShardExample>(), new List<string>());
        var stamps = new FileStamp[shards.Count];
        for (var i = 0; i < shards.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var shard = i;
            stamps[i] = TarShard.Read(shards[i], problems, found => Add(shard, found, options, examples, problems));
        }
        if (!options.SkipProblems) DataSetException.ThrowIfMalformed(pattern, "example", problems);
        if (examples.Count == 0) throw new DataSetException(pattern, "it is empty; expected a picture with a caption at least", problems);
        return new WebDataset([.. shards.Zip(stamps)], examples, problems, options);
    }

    /// <inheritdoc/>
    public IEnumerator<CaptionedImage> GetEnumerator() => Enumerable.Range(0, Count).Select(i => this[i]).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static void Add(int shard, TarExample found, WebDatasetOptions options, List<ShardExample> examples, List<string> problems)
    {
        if (ShardCaptions.Of(found.Members) is not { } captions)
            problems.Add($"{found.Name} has no caption; expected .txt or .json");
        else if (captions.Read(found.Shard, options.CaptionKey, found.Name).Problem is { } problem)
            problems.Add($"{found.Name}: {problem}");
        else
            examples.Add(new ShardExample(shard, found.Image, captions));
    }
}
