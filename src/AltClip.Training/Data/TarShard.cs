using System.Formats.Tar;
using AltClip.Imaging;
using Microsoft.Win32.SafeHandles;

namespace AltClip.Training.Data;

/// <summary>Neighbouring files of a shard with one name up to its first dot, of which one is a picture.</summary>
/// <param name="Shard">The shard, open.</param>
/// <param name="Name">What errors call them: the shard's path and their key.</param>
/// <param name="Image">The picture.</param>
/// <param name="Members">All of them by what is behind the key, from the dot on, in small letters.</param>
internal readonly record struct TarExample(
    SafeFileHandle Shard, string Name, TarMember Image, IReadOnlyDictionary<string, TarMember> Members);

/// <summary>Finds the examples of a shard.</summary>
internal static class TarShard
{
    private const int Named = 4;

    /// <summary>The shards that a pattern stands for.</summary>
    /// <exception cref="ArgumentException">The pattern is malformed.</exception>
    /// <exception cref="DataSetException">Shards are missing; all of them are listed.</exception>
    public static IReadOnlyList<string> Find(string pattern)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        string[] shards = [.. BracePattern.Expand(pattern)];
        var missing = shards.Where(shard => !File.Exists(shard)).ToList();
        return missing.Count == 0 ? shards : throw new DataSetException(pattern, $"{missing.Count} of {shards.Length} shards are not there", missing);
    }

    /// <summary>Opens a shard whose headers were read.</summary>
    /// <param name="path">The file.</param>
    /// <param name="stamp">Which file it was.</param>
    /// <exception cref="IOException">It can't be read, or is another.</exception>
    public static SafeFileHandle Open(string path, FileStamp stamp)
    {
        var file = File.OpenHandle(path);
        if (FileStamp.Of(file) is var found && found == stamp) return file;
        file.Dispose();
        throw new IOException($"{path} was replaced or written to since the data set was opened: found {found}; expected {stamp}.");
    }

    /// <summary>Reads a file of a shard whose headers were read.</summary>
    /// <exception cref="IOException">The shard can't be read, or is another.</exception>
    public static byte[] Read(string path, FileStamp stamp, TarMember member, string name)
    {
        using var file = Open(path, stamp);
        return member.Read(file, name);
    }

    /// <summary>Reads the headers of a shard.</summary>
    /// <param name="path">The file.</param>
    /// <param name="problems">Gets what is wrong.</param>
    /// <param name="found">Is told of each example, in their order; what it reads of the shard doesn't disturb.</param>
    /// <returns>Which file it was that has the examples there.</returns>
    public static FileStamp Read(string path, List<string> problems, Action<TarExample> found)
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
            using var tar = new TarHeaders(file);
            var (key, members) = ("", new Dictionary<string, TarMember>());
            while (tar.Next() is { } entry)
            {
                if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile)) continue;
                var (name, extension) = Split(entry.Name);
                if (extension.Length == 0 || name.Length == 0) continue;
                if (name != key)
                {
                    Add(path, file.SafeFileHandle, key, members, problems, found);
                    (key, members) = (name, []);
                }
                if (entry.Length > file.Length - entry.DataOffset || entry.Length > Array.MaxLength)
                    problems.Add($"{path}: {entry.Name} is truncated: {entry.Length} bytes at {entry.DataOffset}, but the file has {file.Length}");
                else if (!members.TryAdd(extension, new TarMember(entry.DataOffset, (int)entry.Length)))
                    problems.Add($"{path}: {entry.Name} is there twice");
            }
            Add(path, file.SafeFileHandle, key, members, problems, found);
        }
        catch (InvalidDataException error)
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
        string path, SafeFileHandle shard, string key, Dictionary<string, TarMember> members, List<string> problems, Action<TarExample> found)
    {
        if (members.Count == 0) return;
        var image = ImageFormats.Extensions.FirstOrDefault(members.ContainsKey);
        if (image is not null)
            found(new TarExample(shard, $"{path}: {key}", members[image], members));
        else
            problems.Add($"{path}: {key} has no picture; {Expected(key, [.. members.Keys])}");
    }

    // People who have named files a.b.jpg and a.b.txt don't see why there should be no picture.
    private static string Expected(string key, List<string> extensions)
    {
        if (extensions.FirstOrDefault(extension => ImageFormats.Extensions.Any(own => extension.EndsWith(own))) is not { } behind)
            return $"expected one of {string.Join(", ", ImageFormats.Extensions)}";
        var file = key[(key.LastIndexOf('/') + 1)..];
        var more = extensions.Count > Named ? ", …" : "";
        return $"found {string.Join(", ", extensions.Take(Named))}{more}. An example is called what stands before the first dot of its files' names, "
            + $"as the webdataset library has it, so that {file}{behind} is a '{behind[1..]}' of '{file}' and no {behind[(behind.LastIndexOf('.') + 1)..]}; "
            + $"expected names with one dot, as {file}{behind[..behind.LastIndexOf('.')].Replace('.', '_')}{behind[behind.LastIndexOf('.')..]}";
    }
}
