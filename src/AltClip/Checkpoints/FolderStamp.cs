using AltClip.Shared;

namespace AltClip.Checkpoints;

/// <summary>Files of a folder that belong together, as they were at one moment: what is read of them until they are opened is of one save.</summary>
internal sealed class FolderStamp
{
    private readonly string _folder;
    private readonly Dictionary<string, FileStamp?> _files;

    private FolderStamp(string folder, IEnumerable<string> names)
    {
        _folder = folder;
        _files = names.Distinct().ToDictionary(name => name, name => FileStamp.Of(Path.Combine(folder, name)));
    }

    private IEnumerable<string> Changed => _files.Where(file => FileStamp.Of(Path.Combine(_folder, file.Key)) != file.Value).Select(file => file.Key);

    /// <summary>Reads files of a folder; once more if they are replaced meanwhile.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="names">Their names, of those too that may or may not be there.</param>
    /// <param name="read">Reads them, and asks <see cref="ThrowIfChanged"/> when all are open.</param>
    public static T ReadTogether<T>(string folder, IEnumerable<string> names, Func<FolderStamp, T> read)
    {
        string[] all = [.. names];
        var first = new FolderStamp(folder, all);
        try
        {
            return read(first);
        }
        catch (Exception e) when (e is CheckpointException { Error: CheckpointError.Changed } || first.Changed.Any())
        {
            // whatever it was, what is there now may be whole
        }

        return read(new FolderStamp(folder, all));
    }

    /// <exception cref="CheckpointException">One of the files is another than when it was begun to read them.</exception>
    public void ThrowIfChanged()
    {
        if (Changed.FirstOrDefault() is { } name)
            throw Error(Path.Combine(_folder, name));
    }

    /// <summary>What is said of a file that isn't what it was.</summary>
    public static CheckpointException Error(string path) => new(
        CheckpointError.Changed, path, "the file was replaced or written into while it was read, twice in a row; expected files of one save. Load again once all are saved.");
}
