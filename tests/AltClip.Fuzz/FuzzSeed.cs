namespace AltClip.Fuzz;

/// <summary>
/// A folder of the work folder with the files that a reader is given, of which one at a time is changed and put back: what isn't changed is not
/// written again.
/// </summary>
internal sealed class FuzzSeed
{
    private readonly (string Name, byte[] Content)[] _files;

    private FuzzSeed(string origin, string folder, (string Name, byte[] Content)[] files)
    {
        (Origin, Folder, _files) = (origin, folder, files);
        Directory.CreateDirectory(folder);
        foreach (var (name, content) in files)
        {
            var path = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, content);
        }
    }

    /// <summary>What it was made from.</summary>
    public string Origin { get; }

    /// <summary>Where its files lie.</summary>
    public string Folder { get; }

    public IReadOnlyList<(string Name, byte[] Content)> Files => _files;

    /// <summary>A seed of a folder's files, or of one file.</summary>
    public static FuzzSeed Of(string path, string folder) => Of(
        path, folder, [.. (Directory.Exists(path) ? Directory.GetFiles(path).Order(StringComparer.Ordinal).ToArray() : [path]).Select(file => (Path.GetFileName(file), File.ReadAllBytes(file)))]);

    /// <summary>A seed of the files that lie in its folder, and in those below it.</summary>
    public static FuzzSeed In(string origin, string folder) => new(
        origin, folder,
        [.. Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(file => (Path.GetRelativePath(folder, file), File.ReadAllBytes(file)))]);

    /// <summary>A seed of files that were made.</summary>
    public static FuzzSeed Of(string origin, string folder, params (string Name, byte[] Content)[] files) => new(origin, folder, files);

    public void Write(int file, byte[] content) => File.WriteAllBytes(Path.Combine(Folder, _files[file].Name), content);

    public void PutBack(int file) => Write(file, _files[file].Content);
}
