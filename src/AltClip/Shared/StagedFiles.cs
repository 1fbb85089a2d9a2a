namespace AltClip.Shared;

/// <summary>
/// Files written beside their final names and moved there together, so that no reader meets a half-written one. What a process that was killed while
/// writing left beside them goes.
/// </summary>
/// <param name="isSoleWriter">
/// Whether one process at a time writes these files. Where several do, a left one must be an hour old: a young one may be moved at this very moment.
/// </param>
internal sealed class StagedFiles(bool isSoleWriter = false) : IDisposable
{
    private static readonly TimeSpan OfNoLivingProcess = TimeSpan.FromHours(1);

    // What lay in a folder when it was first looked into, which is once.
    private readonly Dictionary<string, List<string>> _leftOver = [];
    private readonly Queue<(string Temporary, string Final)> _files = [];
    private readonly List<string> _removed = [];

    /// <summary>Writes one text file, in UTF-8.</summary>
    public static void WriteText(string path, string text, bool isSoleWriter = false)
    {
        using var staged = new StagedFiles(isSoleWriter);
        staged.CreateText(path, text);
        staged.Commit();
    }

    /// <summary>A new text file, in UTF-8.</summary>
    public void CreateText(string path, string text)
    {
        using var writer = new StreamWriter(Create(path));
        writer.Write(text);
    }

    /// <summary>A new file to fill and close; it appears at <paramref name="path"/> on <see cref="Commit"/>.</summary>
    public FileStream Create(string path)
    {
        string temporary = Beside(path);
        var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write);
        _files.Enqueue((temporary, path));
        return stream;
    }

    /// <summary>Where to write what appears at <paramref name="path"/> on <see cref="Commit"/>, for writers that take a path.</summary>
    public string Reserve(string path)
    {
        string temporary = Beside(path);
        _files.Enqueue((temporary, path));
        return temporary;
    }

    /// <summary>Whether one appears there on <see cref="Commit"/>.</summary>
    public bool Has(string path) => _files.Any(file => file.Final == path);

    /// <summary>A copy of a file, to appear at <paramref name="path"/> on <see cref="Commit"/>.</summary>
    public void Copy(string source, string path)
    {
        // By streams, whose errors name the file: those of File.Copy on a full disk don't.
        using var from = File.OpenRead(source);
        using var to = Create(path);
        from.CopyTo(to);
    }

    private string Beside(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? path;
        // The system's own errors would name the temporary file.
        if (!Directory.Exists(folder)) throw new DirectoryNotFoundException($"There is no folder {folder} for {path}.");
        DeleteLeftOver(folder, Path.GetFileName(path).Equals);
        return TemporaryName.Beside(path);
    }

    /// <summary>Deletes what was left beside a file, of any age.</summary>
    /// <param name="path">The file's name; null for none.</param>
    public static void DeleteLeftOver(string? path)
    {
        if (path is null || Path.GetDirectoryName(Path.GetFullPath(path)) is not { } folder)
            return;
        using var staged = new StagedFiles(isSoleWriter: true);
        staged.DeleteLeftOver(folder, Path.GetFileName(path).Equals);
    }

    /// <summary>Deletes what was left beside files that may not be among those that are created.</summary>
    /// <param name="folder">Their folder.</param>
    /// <param name="isOne">Whether a file of that name is one of them.</param>
    public void DeleteLeftOver(string folder, Predicate<string> isOne)
    {
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (!_leftOver.TryGetValue(folder, out var left))
            _leftOver.Add(folder, left = Directory.Exists(folder) ? [.. Directory.GetFiles(folder, TemporaryName.Any).Where(TemporaryName.Is)] : []);
        var latest = DateTime.UtcNow - OfNoLivingProcess;
        foreach (string file in left.FindAll(file => isOne(TemporaryName.Final(file))))
        {
            left.Remove(file);
            if ((isSoleWriter || File.GetLastWriteTimeUtc(file) < latest) && !IsOpen(file))
                File.Delete(file);
        }
    }

    /// <summary>Deletes a file on <see cref="Commit"/>, after the others are moved.</summary>
    public void Remove(string path) => _removed.Add(path);

    /// <summary>
    /// Moves every file to its name, in the order of creation, over what was there. Their bytes are on the disk before the first is moved, so that
    /// after a loss of power too a name has the old file or the whole new one; the names are on the disk when it returns.
    /// </summary>
    /// <param name="first">Others that are moved just before these, when the bytes of all are on the disk.</param>
    public void Commit(StagedFiles? first = null)
    {
        foreach (var (temporary, _) in _files.Concat(first?._files ?? [])) Flush(temporary);
        string[] folders = [.. _files.Concat(first?._files ?? []).Select(file => Path.GetDirectoryName(Path.GetFullPath(file.Final))!).Distinct()];
        first?.Move();
        Move();
        foreach (string folder in folders) FolderOnDisk.Flush(folder);
    }

    private void Move()
    {
        while (_files.TryPeek(out var file))
        {
            File.Move(file.Temporary, file.Final, overwrite: true);
            _files.Dequeue();
        }
        foreach (string path in _removed) File.Delete(path);
        _removed.Clear();
    }

    private static void Flush(string path)
    {
        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        RandomAccess.FlushToDisk(handle);
    }

    /// <summary>Whether a process is writing the file still, which then was not killed.</summary>
    private static bool IsOpen(string path)
    {
        try
        {
            using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>Deletes what was not committed.</summary>
    public void Dispose()
    {
        while (_files.TryDequeue(out var file))
            File.Delete(file.Temporary);
    }
}
