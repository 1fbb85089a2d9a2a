namespace AltClip.Faults;

/// <summary>What is in a folder: its files with their bytes, its links with their targets.</summary>
internal sealed class Tree
{
    private static readonly EnumerationOptions All = new() { RecurseSubdirectories = true, AttributesToSkip = 0 };

    private readonly Dictionary<string, byte[]> _files = [];

    /// <summary>The paths below the folder, in order.</summary>
    public IEnumerable<string> Names => _files.Keys.Order(StringComparer.Ordinal);

    public byte[]? this[string name] => _files.GetValueOrDefault(name);

    public static Tree Of(string folder)
    {
        var tree = new Tree();
        if (!Directory.Exists(folder)) return tree;
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*", All))
        {
            var name = Path.GetRelativePath(folder, file.FullName);
            tree._files[name] = file.LinkTarget is { } target ? System.Text.Encoding.UTF8.GetBytes($"-> {target}") : File.ReadAllBytes(file.FullName);
        }
        return tree;
    }

    /// <summary>The same without some of the files.</summary>
    public Tree Without(Func<string, bool> isLeftOut)
    {
        var rest = new Tree();
        foreach (var (name, bytes) in _files.Where(file => !isLeftOut(file.Key))) rest._files[name] = bytes;
        return rest;
    }

    /// <summary>How two folders differ; null where they don't.</summary>
    /// <param name="expected">The other one.</param>
    /// <param name="compares">Whether a file's bytes count, and not only its name.</param>
    public string? Difference(Tree expected, Func<string, bool>? compares = null)
    {
        if (Names.Except(expected.Names).FirstOrDefault() is { } more) return $"{more} is left over ({_files[more].Length} bytes)";
        if (expected.Names.Except(Names).FirstOrDefault() is { } less) return $"{less} is missing";
        return Names.FirstOrDefault(name => (compares?.Invoke(name) ?? true) && !_files[name].AsSpan().SequenceEqual(expected._files[name])) is { } other
            ? $"{other} has other bytes" : null;
    }

    /// <summary>How many files and folders are in a folder, while others work in it.</summary>
    public static int Entries(string folder)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries(folder, "*", All).Count();
        }
        catch (IOException)
        {
            return -1; // one of them has just gone
        }
    }

    /// <summary>Copies a folder.</summary>
    public static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var folder in Directory.GetDirectories(from, "*", All)) Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, folder)));
        foreach (var file in Directory.GetFiles(from, "*", All)) File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
    }
}
