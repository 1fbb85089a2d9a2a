using System.Text.Json;
using System.Text.RegularExpressions;
using AltClip.Shared;
using TorchSharp;
using static TorchSharp.torch;

namespace AltClip.Checkpoints;

/// <summary>Writes a checkpoint folder's weights as transformers does: one safetensors file, or shards and their index.</summary>
internal static partial class CheckpointWriter
{
    /// <summary>
    /// Writes <c>model.safetensors</c>, or <c>model-00001-of-0000N.safetensors</c> with <c>model.safetensors.index.json</c> where the
    /// tensors take more than <paramref name="maxShardSize"/> bytes, and removes the safetensors files of an earlier save that these do
    /// not replace (the folder would otherwise load the wrong ones).
    /// </summary>
    /// <remarks>
    /// A folder that is saved over loads the old weights or the new ones, whole, whenever the process ends: no shard replaces one that the old
    /// index names (where the names would be the same, the new ones have <c>-b</c> or a further letter in them), and what makes the new ones count
    /// is the move or the removal of a single file. Of the texts beside them, the old ones count until then (<see cref="HalfSave"/>). What was left by
    /// a process that was killed goes with the next save.
    /// </remarks>
    /// <param name="folder">The folder; it is created if need be.</param>
    /// <param name="tensors">
    /// The tensors in the order in which they fill the shards: a shard is closed when the next tensor would make it larger than
    /// <paramref name="maxShardSize"/>, and a tensor larger than that has a shard of its own.
    /// </param>
    /// <param name="maxShardSize">The most bytes of tensors in a shard; see <see cref="ShardSize.Parse"/>.</param>
    /// <param name="metadata">Strings for each file's header.</param>
    /// <param name="texts">Further files of the folder by name, which appear together with the weights.</param>
    /// <param name="first">Others, which are moved just before.</param>
    /// <param name="cancellationToken">Stops before the files are moved to their names; nothing of them is left then.</param>
    /// <exception cref="ArgumentException">As <see cref="SafeTensors.Save"/>; nothing was written.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void Save(
        string folder, IEnumerable<KeyValuePair<string, Tensor>> tensors, long maxShardSize, IReadOnlyDictionary<string, string>? metadata = null,
        IReadOnlyDictionary<string, string>? texts = null, StagedFiles? first = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxShardSize);
        var files = Plan(folder, [.. tensors], maxShardSize, metadata, cancellationToken);
        Directory.CreateDirectory(folder);
        using (var staged = new StagedFiles(isSoleWriter: true))
        {
            staged.DeleteLeftOver(folder, name => name is CheckpointFiles.SafeTensors or CheckpointFiles.SafeTensorsIndex || ShardPattern().IsMatch(name));
            foreach (var (name, write) in files[..^1])
                Stage(staged, Path.Combine(folder, name), write);

            foreach (var (name, text) in texts ?? new Dictionary<string, string>())
                staged.CreateText(Path.Combine(folder, name), text);

            // last, since it makes the others count
            Stage(staged, Path.Combine(folder, files[^1].Name), files[^1].Write);
            foreach (var (name, text) in texts ?? new Dictionary<string, string>())
                HalfSave.Begin(Path.Combine(folder, name), text, CheckpointFiles.Counting(folder));

            staged.Commit(first);
        }

        RemoveStale(folder, [.. files.Select(file => file.Name)]);
        foreach (string name in texts?.Keys ?? [])
            HalfSave.End(Path.Combine(folder, name));
    }

    private static void Stage(StagedFiles staged, string path, Action<Stream> write)
    {
        using var stream = staged.Create(path);
        write(stream);
    }

    /// <summary>The files to write, of which the last makes the others count. All tensors are checked here, before anything is written.</summary>
    private static List<(string Name, Action<Stream> Write)> Plan(
        string folder, List<KeyValuePair<string, Tensor>> tensors, long maxShardSize, IReadOnlyDictionary<string, string>? metadata,
        CancellationToken cancellationToken)
    {
        var whole = new SafeTensorsWriter(tensors, metadata);
        var shards = Split(tensors, maxShardSize);
        if (shards.Count <= 1)
            return [(CheckpointFiles.SafeTensors, stream => whole.Write(stream, cancellationToken))];

        string[] names = FreeNames(folder, shards.Count);
        return
        [
            .. shards.Select((shard, i) => (names[i], (Action<Stream>)(stream => new SafeTensorsWriter(shard, metadata).Write(stream, cancellationToken)))),
            (CheckpointFiles.SafeTensorsIndex, stream => WriteIndex(stream, shards, names)),
        ];
    }

    /// <summary>transformers' names; where the folder has one of them, which its index may name, others that it reads as well.</summary>
    private static string[] FreeNames(string folder, int count)
    {
        for (char letter = 'a'; ; letter++)
        {
            string mark = letter == 'a' ? "" : $"{letter}-";
            string[] names = [.. Enumerable.Range(1, count).Select(i => $"model-{mark}{i:D5}-of-{count:D5}.safetensors")];
            if (letter == 'z' || !names.Any(name => Path.Exists(Path.Combine(folder, name))))
                return names;
        }
    }

    private static List<List<KeyValuePair<string, Tensor>>> Split(List<KeyValuePair<string, Tensor>> tensors, long maxShardSize)
    {
        List<List<KeyValuePair<string, Tensor>>> shards = [];
        List<KeyValuePair<string, Tensor>> current = [];
        long currentSize = 0;
        foreach (var item in tensors)
        {
            long size = ByteCount(item.Value);
            if (size > maxShardSize)
            {
                shards.Add([item]);
                continue;
            }

            if (currentSize + size > maxShardSize)
            {
                shards.Add(current);
                current = [];
                currentSize = 0;
            }

            current.Add(item);
            currentSize += size;
        }

        if (current.Count > 0)
            shards.Add(current);

        return shards;
    }

    private static void WriteIndex(Stream stream, List<List<KeyValuePair<string, Tensor>>> shards, string[] names)
    {
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteStartObject("metadata");
            json.WriteNumber("total_parameters", shards.Sum(shard => shard.Sum(item => item.Value.NumberOfElements)));
            json.WriteNumber("total_size", shards.Sum(shard => shard.Sum(item => ByteCount(item.Value))));
            json.WriteEndObject();
            json.WriteStartObject("weight_map");
            var files = shards.SelectMany((shard, i) => shard.Select(item => (Name: item.Key, File: names[i])));
            foreach (var (name, file) in files.OrderBy(entry => entry.Name, StringComparer.Ordinal))
                json.WriteString(name, file);

            json.WriteEndObject();
            json.WriteEndObject();
        }

        stream.Write("\n"u8);
    }

    private static void RemoveStale(string folder, HashSet<string> written)
    {
        foreach (string name in new[] { CheckpointFiles.SafeTensors, CheckpointFiles.SafeTensorsIndex }.Where(name => !written.Contains(name)))
            File.Delete(Path.Combine(folder, name));

        // after what could have named them
        foreach (string path in Directory.GetFiles(folder, "model-*.safetensors"))
        {
            string name = Path.GetFileName(path);
            if (ShardPattern().IsMatch(name) && !written.Contains(name))
                File.Delete(path);
        }
    }

    private static long ByteCount(Tensor tensor) => tensor.NumberOfElements * tensor.dtype.ElementSize();

    [GeneratedRegex(@"^model-([b-z]-)?\d{5}-of-\d{5}\.safetensors\z")]
    private static partial Regex ShardPattern();
}
