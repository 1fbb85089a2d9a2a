using System.Formats.Tar;
using AltClip.Imaging;

namespace AltClip.Training.Data;

/// <summary>Where the files of an example lie in its shard.</summary>
internal readonly record struct TarExample(int Shard, TarMember Image, TarMember Text, bool TextIsJson);

/// <summary>Where a file lies in its shard.</summary>
internal readonly record struct TarMember(long Offset, int Length);

/// <summary>Finds the examples of a shard: neighbouring files of one name up to its first dot.</summary>
internal static class TarShard
{
    /// <summary>Reads the headers of a shard.</summary>
    /// <param name="path">The file.</param>
    /// <param name="shard">Its number.</param>
    /// <param name="examples">Gets the examples.</param>
    /// <param name="problems">Gets what is wrong.</param>
    /// <returns>Which file it was that has the examples there.</returns>
    public static FileStamp Read(string path, int shard, List<TarExample> examples, List<string> problems)
    {
        using var file = File.OpenRead(path);
        var stamp = FileStamp.Of(file.SafeFileHandle);
        if (file.ReadByte() == 0x1F && file.ReadByte() == 0x8B)
        {
            problems.Add($"{path}: it is compressed; expected a tar file as it is");
            return stamp;
        }
        file.Position = 0;
        try
        {
            using var tar = new TarReader(file);
            var (key, members) = ("", new Dictionary<string, TarMember>());
            while (tar.GetNextEntry() is { } entry)
            {
                if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile)) continue;
                var (name, extension) = Split(entry.Name);
                if (extension.Length == 0 || name.Length == 0) continue;
                if (name != key)
                {
                    Add(path, shard, key, members, examples, problems);
                    (key, members) = (name, []);
                }
                if (entry.DataOffset + entry.Length > file.Length || entry.Length > Array.MaxLength)
                    problems.Add($"{path}: {entry.Name} is truncated: {entry.Length} bytes at {entry.DataOffset}, but the file has {file.Length}");
                else if (!members.TryAdd(extension, new TarMember(entry.DataOffset, (int)entry.Length)))
                    problems.Add($"{path}: {entry.Name} is there twice");
            }
            Add(path, shard, key, members, examples, problems);
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException or FormatException)
        {
            problems.Add($"{path}: not a whole tar file: {error.Message}");
        }
        return stamp;
    }

    // As webdataset splits: the folder belongs to the key, the extension starts at the name's first dot.
    private static (string Key, string Extension) Split(string name)
    {
        var file = name.LastIndexOf('/') + 1;
        var dot = name.IndexOf('.', file);
        return dot < 0 || dot == name.Length - 1 ? (name, "") : dot == file ? ("", "") : (name[..dot], name[dot..].ToLowerInvariant());
    }

    private static void Add(
        string path, int shard, string key, Dictionary<string, TarMember> members, List<TarExample> examples, List<string> problems)
    {
        if (members.Count == 0) return;
        var image = ImageFormats.Extensions.FirstOrDefault(members.ContainsKey);
        var isJson = !members.TryGetValue(".txt", out var text);
        if (image is null)
            problems.Add($"{path}: {key} has no picture; expected one of {string.Join(", ", ImageFormats.Extensions)}");
        else if (isJson && !members.TryGetValue(".json", out text))
            problems.Add($"{path}: {key} has no caption; expected .txt or .json");
        else
            examples.Add(new TarExample(shard, members[image], text, isJson));
    }
}
