using System.Security.Cryptography;
using AltClip.Shared;

namespace AltClip.Tokenization;

/// <summary>The files a tokenizer was read from, to be copied when it is saved. A stream's bytes are kept, a file's are not.</summary>
internal sealed class TokenizerFiles(string name)
{
    private readonly Dictionary<string, StoredFile> _files = [];

    /// <summary>How messages call the file with the vocabulary.</summary>
    public string Name { get; } = name;

    /// <summary>Adds a file.</summary>
    /// <param name="name">The name to save it under.</param>
    /// <param name="path">Where it is.</param>
    /// <param name="read">What was read from it, if it was already.</param>
    public void Add(string name, string path, byte[]? read = null) => _files.Add(name, new(Path.GetFullPath(path), null, Hash(read)));

    public void Add(string name, byte[] bytes) => _files.Add(name, new(null, bytes, null));

    public bool Has(string name) => _files.ContainsKey(name);

    /// <summary>What is in a file; null where the tokenizer has none of that name.</summary>
    /// <exception cref="FileNotFoundException">The file is no longer where it was read.</exception>
    /// <exception cref="IOException">The file is no longer the one that was read.</exception>
    public byte[]? Read(string name) => _files.TryGetValue(name, out StoredFile? file) ? file.Read(name) : null;

    /// <summary>Copies the files into a folder, where they appear together with those that are <paramref name="written"/> anew.</summary>
    /// <param name="folder">The folder, which is made if it isn't there.</param>
    /// <param name="written">Files that are not copied.</param>
    /// <param name="stale">Names of files that go where the tokenizer has none.</param>
    /// <param name="staged">On whose commit they are there.</param>
    /// <exception cref="FileNotFoundException">A file is no longer where it was read; nothing was written.</exception>
    /// <exception cref="IOException">A file is no longer the one that was read; nothing was written.</exception>
    public void Stage(string folder, IReadOnlyCollection<(string Name, Action<Stream> Write)> written, IEnumerable<string> stale, StagedFiles staged)
    {
        // All are read before any is written.
        (string Name, byte[] Bytes)[] copies = [.. _files.Select(file => (file.Key, file.Value.Read(file.Key)))];
        Directory.CreateDirectory(folder);
        staged.DeleteLeftOver(folder, _files.ContainsKey);
        foreach ((string name, byte[] bytes) in copies)
        {
            string target = Path.Combine(folder, name);
            if (_files[name].Path == Path.GetFullPath(target) || written.Any(file => file.Name == name))
                continue;
            using FileStream copy = staged.Create(target);
            copy.Write(bytes);
        }
        foreach ((string name, Action<Stream> write) in written)
        {
            using FileStream stream = staged.Create(Path.Combine(folder, name));
            write(stream);
        }
        foreach (string name in stale.Where(name => !Has(name)))
            staged.Remove(Path.Combine(folder, name));
    }

    private static byte[]? Hash(byte[]? bytes) => bytes is null ? null : SHA256.HashData(bytes);

    private sealed class StoredFile(string? path, byte[]? bytes, byte[]? hash)
    {
        private byte[]? _hash = hash;

        public string? Path => path;

        /// <summary>The bytes, which must be those of the first time.</summary>
        public byte[] Read(string name)
        {
            if (bytes is not null)
                return bytes;
            if (!File.Exists(path))
                throw new FileNotFoundException($"The tokenizer was read from '{path}', which is gone; {name} can't be written.", path);
            byte[] read = File.ReadAllBytes(path);
            byte[] found = SHA256.HashData(read);
            _hash ??= found;
            return found.AsSpan().SequenceEqual(_hash)
                ? read
                : throw new IOException($"The tokenizer was read from '{path}', which holds something else now; {name} can't be written.");
        }
    }
}
