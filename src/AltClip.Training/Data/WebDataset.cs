using System.Collections;
using System.Text;
using System.Text.Json;

namespace AltClip.Training.Data;

/// <summary>How a <see cref="WebDataset"/> is read.</summary>
public sealed record WebDatasetOptions
{
    /// <summary>The member of a <c>.json</c> that is the caption, or a list of captions, where an example has no <c>.txt</c>.</summary>
    public string CaptionKey { get; init; } = "caption";

    /// <summary>
    /// Whether examples without a picture or without a caption, and damaged shards' rests, are left out instead of refused.
    /// </summary>
    public bool SkipProblems { get; init; }
}

/// <summary>
/// Pictures with captions in tar shards, as the webdataset library and img2dataset write them: of each example a picture of any of
/// <see cref="Imaging.ImageFormats"/>, by its name, and a <c>.txt</c> or <c>.json</c> of the same name, next to each other.
/// </summary>
/// <remarks>
/// Opening reads the headers of all shards, and keeps where each example lies (48 bytes): any example can then be read at once, so that a
/// run goes
/// on in the middle without reading what came before. A <see cref="BatchLoader{TExample, TBatch}"/> mixes whole shards, so that what is read
/// lies
/// together. Shards must be uncompressed, as they usually are.
/// </remarks>
public sealed class WebDataset : IReadOnlyList<CaptionedImage>, IShards
{
    private readonly (string Path, FileStamp Stamp)[] _shards;
    private readonly List<TarExample> _examples;
    private readonly WebDatasetOptions _options;

    private WebDataset((string Path, FileStamp Stamp)[] shards, List<TarExample> examples, List<string> problems, WebDatasetOptions options)
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
    /// <exception cref="DataSetException">The caption is no text, or the JSON has none.</exception>
    /// <exception cref="IOException">The shard can't be read, or is another than when it was opened.</exception>
    public CaptionedImage this[int index]
    {
        get
        {
            var example = _examples[index];
            var (path, stamp) = _shards[example.Shard];
            var name = $"{path}[{index}]";
            using var file = File.OpenHandle(path);
            if (FileStamp.Of(file) is var found && found != stamp)
                throw new IOException($"{path} was replaced or written to since the data set was opened: found {found}; expected {stamp}.");
            var captions = Captions(ReadMember(file, example.Text, name), example.TextIsJson, name);
            return new CaptionedImage(ImageSource.FromBytes(ReadMember(file, example.Image, name), name), captions);
        }
    }

    /// <summary>Opens shards by a pattern.</summary>
    /// <param name="pattern">Their path, where <c>{000..012}</c> stands for numbers and <c>{a,b}</c> for choices.</param>
    /// <param name="options">How to read; null for the defaults.</param>
    /// <param name="cancellationToken">Stops between shards.</param>
    /// <exception cref="ArgumentException">The pattern is malformed.</exception>
    /// <exception cref="DataSetException">
    /// Shards are missing, damaged or compressed; examples have no picture or no caption; or there are none at all. The exception lists
    /// everything.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static WebDataset Open(string pattern, WebDatasetOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        options ??= new();
        string[] shards = [.. BracePattern.Expand(pattern)];
        var missing = shards.Where(shard => !File.Exists(shard)).ToList();
        if (missing.Count > 0) throw new DataSetException(pattern, $"{missing.Count} of {shards.Length} shards are not there", missing);
        var (examples, problems) = (new List<TarExample>(), new List<string>());
        var stamps = new FileStamp[shards.Length];
        for (var i = 0; i < shards.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            stamps[i] = TarShard.Read(shards[i], i, examples, problems);
        }
        if (problems.Count > 0 && !options.SkipProblems)
            throw new DataSetException(pattern, $"{problems.Count} examples or shards are malformed", problems);
        if (examples.Count == 0) throw new DataSetException(pattern, "it is empty; expected a picture with a caption at least", problems);
        return new WebDataset([.. shards.Zip(stamps)], examples, problems, options);
    }

    /// <inheritdoc/>
    public IEnumerator<CaptionedImage> GetEnumerator() => Enumerable.Range(0, Count).Select(i => this[i]).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static byte[] ReadMember(Microsoft.Win32.SafeHandles.SafeFileHandle file, TarMember member, string name)
    {
        var bytes = new byte[member.Length];
        for (var done = 0; done < bytes.Length;)
        {
            var read = RandomAccess.Read(file, bytes.AsSpan(done), member.Offset + done);
            if (read == 0) throw new EndOfStreamException($"{name}: the shard has become shorter since it was opened.");
            done += read;
        }
        return bytes;
    }

    private IReadOnlyList<string> Captions(byte[] text, bool isJson, string name)
    {
        if (!isJson) return [Encoding.UTF8.GetString(text).Trim()];
        try
        {
            using var json = JsonDocument.Parse(text);
            if (json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty(_options.CaptionKey, out var caption))
            {
                if (caption.ValueKind == JsonValueKind.String) return [caption.GetString()!];
                if (caption.ValueKind == JsonValueKind.Array && caption.GetArrayLength() > 0
                    && caption.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String))
                    return [.. caption.EnumerateArray().Select(item => item.GetString()!)];
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new DataSetException(name, $"its .json can't be read: {error.Message}", innerException: error);
        }
        throw new DataSetException(name, $"its .json has no text or list of texts named '{_options.CaptionKey}'.");
    }
}
