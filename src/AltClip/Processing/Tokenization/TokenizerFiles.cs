using System.Security.Cryptography;

namespace AltClip;

/// <summary>The files a tokenizer was read from, to be copied when it is saved. A stream's bytes are kept, a file's are not.</summary>
internal sealed class TokenizerFiles(string name)
{
    private readonly List<(string Name, string? Path, byte[]? Bytes, byte[]? Hash)> _files = [];

    /// <summary>How messages call the file with the vocabulary.</summary>
    public string Name { get; } = name;

    /// <summary>Adds a file.</summary>
    /// <param name="name">The name to save it under.</param>
    /// <param name="path">Where it is.</param>
    /// <param name="read">What was read from it; null for a file that only goes with the others.</param>
    public void Add(string name, string path, byte[]? read) =>
        _files.Add((name, Path.GetFullPath(path), null, read is null ? null : SHA256.HashData(read)));

    public void Add(string name, byte[] bytes) => _files.Add((name, null, bytes, null));

    /// <exception cref="FileNotFoundException">A file is no longer where it was read.</exception>
    /// <exception cref="IOException">A file is no longer the one that was read.</exception>
    public void CopyTo(string folder)
    {
        // All are read before any is written.
        (string Name, byte[] Bytes)[] copies = [.. _files.Select(file => (file.Name, file.Bytes ?? ReadAgain(file.Name, file.Path!, file.Hash)))];
        Directory.CreateDirectory(folder);
        foreach (var ((name, bytes), (_, path, _, _)) in copies.Zip(_files))
        {
            string target = Path.Combine(folder, name);
            if (path == Path.GetFullPath(target))
                continue;
            string beside = $"{target}.{Guid.NewGuid():N}.tmp";
            try
            {
                File.WriteAllBytes(beside, bytes);
                File.Move(beside, target, overwrite: true);
            }
            finally
            {
                File.Delete(beside);
            }
        }
    }

    private static byte[] ReadAgain(string name, string path, byte[]? hash)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"The tokenizer was read from '{path}', which is gone; {name} can't be written.", path);
        byte[] bytes = File.ReadAllBytes(path);
        return hash is null || hash.AsSpan().SequenceEqual(SHA256.HashData(bytes))
            ? bytes : throw new IOException($"The tokenizer was read from '{path}', which holds something else now; {name} can't be written.");
    }
}
