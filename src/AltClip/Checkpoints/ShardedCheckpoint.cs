using AltClip.Shared;
using static TorchSharp.torch;

namespace AltClip.Checkpoints;

/// <summary>A checkpoint in several files beside an index of which file holds which tensor, as transformers writes large models.</summary>
internal sealed class ShardedCheckpoint : ITensorSource
{
    private readonly Dictionary<string, ITensorSource> _sources = [];
    private readonly List<ITensorSource> _shards = [];

    private ShardedCheckpoint(string path, Func<string, ITensorSource> openShard, FolderStamp index)
    {
        Location = path;
        var shards = ShardIndex.Read(path).GroupBy(entry => entry.Value, entry => entry.Key).ToList();
        CheckShardsExist(shards);
        try
        {
            foreach (var shard in shards)
                _shards.Add(openShard(ShardPath(shard.Key)));

            index.ThrowIfChanged();
            if (Replaced is { } replaced)
                throw FolderStamp.Error(replaced);

            CheckShardsComplete([.. shards]);
        }
        catch
        {
            Dispose();
            throw;
        }

        foreach (var (source, names) in _shards.Zip(shards))
        {
            foreach (string name in names)
                _sources.Add(name, source);
        }
    }

    public string Location { get; }

    public IReadOnlyList<string> Files => [.. _shards.SelectMany(shard => shard.Files).Order(StringComparer.Ordinal)];

    public string? Replaced => _shards.Select(shard => shard.Replaced).FirstOrDefault(path => path is not null);

    public string? Written => _shards.Select(shard => shard.Written).FirstOrDefault(path => path is not null);

    public IReadOnlyCollection<string> Names => _sources.Keys;

    /// <summary>Opens every shard of an index; names that a shard has beyond the index are passed over.</summary>
    /// <exception cref="FileNotFoundException">Shards are missing; all are named.</exception>
    /// <exception cref="CheckpointException">The index or a shard is malformed, or shards lack tensors; all of these are named.</exception>
    /// <exception cref="CheckpointException">The index or shards were replaced while they were opened, twice in a row.</exception>
    public static ShardedCheckpoint Open(string indexPath, Func<string, ITensorSource> openShard) => FolderStamp.ReadTogether(
        Path.GetDirectoryName(indexPath)!, [Path.GetFileName(indexPath)], index => new ShardedCheckpoint(indexPath, openShard, index));

    public IReadOnlyDictionary<string, string> NotTensors =>
        _shards.SelectMany(shard => shard.NotTensors).DistinctBy(value => value.Key).ToDictionary();

    public SafeTensorInfo Describe(string name) => Find(name).Describe(name);

    public Tensor Read(string name) => Find(name).Read(name);

    public TensorRows? Rows(string name) => Find(name).Rows(name);

    public void Dispose() => _shards.ForEach(shard => shard.Dispose());

    private ITensorSource Find(string name) =>
        _sources.TryGetValue(name, out var source) ? source : throw new KeyNotFoundException($"'{Location}' has no tensor '{name}'.");

    private string ShardPath(string name) => Path.Combine(Path.GetDirectoryName(Location)!, name);

    private void CheckShardsExist(IEnumerable<IGrouping<string, string>> shards)
    {
        IGrouping<string, string>[] missing = [.. shards.Where(shard => !File.Exists(ShardPath(shard.Key))).OrderBy(shard => shard.Key, StringComparer.Ordinal)];
        if (missing.Length > 0)
        {
            throw new FileNotFoundException(
                $"'{Location}' names {missing.Length} files that do not exist beside it: {Listing.Of([.. missing.Select(shard => shard.Key)])}; the first would have {Listing.Cut(missing[0].First())}.",
                ShardPath(missing[0].Key));
        }
    }

    private void CheckShardsComplete(IEnumerable<IGrouping<string, string>> shards)
    {
        string[] missing = [.. _shards.Zip(shards).SelectMany(pair => pair.Second.Except(pair.First.Names).Select(name => $"{name} (in {pair.Second.Key})"))];
        if (missing.Length > 0)
            throw Error(CheckpointError.MissingTensors, $"{missing.Length} tensors are not in the files that the index says hold them: {Listing.Of(missing)}.");
    }

    private CheckpointException Error(CheckpointError error, string message) => new(error, Location, message);
}
