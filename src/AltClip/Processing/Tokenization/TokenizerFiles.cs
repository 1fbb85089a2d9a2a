namespace AltClip;

/// <summary>The files a tokenizer was read from, to be copied when it is saved. A stream's bytes are kept, a file's are not.</summary>
internal sealed class TokenizerFiles(string name)
{
    private readonly List<(string Name, string? Path, byte[]? Bytes)> _files = [];

    /// <summary>How messages call the file with the vocabulary.</summary>
    public string Name { get; } = name;

    public void Add(string name, string path) => _files.Add((name, Path.GetFullPath(path), null));

    public void Add(string name, byte[] bytes) => _files.Add((name, null, bytes));

    /// <exception cref="FileNotFoundException">A file is no longer where it was read.</exception>
    public void CopyTo(string folder)
    {
        foreach ((string name, string? path, _) in _files)
        {
            if (path is not null && !File.Exists(path))
                throw new FileNotFoundException($"The tokenizer was read from '{path}', which is gone; {name} can't be written.", path);
        }
        Directory.CreateDirectory(folder);
        foreach ((string name, string? path, byte[]? bytes) in _files)
        {
            string target = Path.Combine(folder, name);
            if (path == Path.GetFullPath(target))
                continue;
            string beside = $"{target}.{Guid.NewGuid():N}.tmp";
            try
            {
                if (path is null)
                    File.WriteAllBytes(beside, bytes!);
                else
                    File.Copy(path, beside);
                File.Move(beside, target, overwrite: true);
            }
            finally
            {
                File.Delete(beside);
            }
        }
    }
}
