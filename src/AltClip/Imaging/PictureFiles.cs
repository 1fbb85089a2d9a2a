namespace AltClip.Imaging;

/// <summary>
/// The pictures in a folder and all folders below, by the names of files; those without an extension by their first bytes. Hidden files and
/// folders are left out, unless they are asked for. Links are followed, but to no folder twice.
/// </summary>
internal sealed class PictureFiles
{
    private const int FirstBytes = 4096;
    private const char NotUtf8 = '\uFFFD'; // what .NET has in place of bytes that are none

    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false };

    private readonly List<string> _files = [];
    private readonly List<(string Path, string Error)> _failures = [];
    private readonly Queue<string> _links = new();
    private readonly HashSet<string> _visited = [];
    private readonly Func<string, bool>? _isPicture;
    private readonly bool _includeHidden;
    private readonly PictureFilter? _leftOut;
    private readonly string _root;
    private readonly CancellationToken _cancellationToken;

    /// <summary>Walks through a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="isPicture">Whether a file counts, by its path; null for all that are called as pictures are, or without an extension begin as such.</param>
    /// <param name="cancellationToken">Stops between files.</param>
    /// <param name="includeHidden">Whether hidden files and folders count too.</param>
    /// <param name="leftOut">What else is left out, by paths from the folder on; null for nothing.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public PictureFiles(
        string folder, Func<string, bool>? isPicture = null, CancellationToken cancellationToken = default, bool includeHidden = false, PictureFilter? leftOut = null)
    {
        (_isPicture, _cancellationToken, _includeHidden, _leftOut, _root) = (isPicture, cancellationToken, includeHidden, leftOut, folder);
        Walk(folder, Shared.RealPath.Of(folder));
        // What is there under a name of its own is called so, whatever else leads there.
        while (_links.TryDequeue(out var link))
        {
            if (Target(link) is { } real)
                Walk(link, real);
        }
        _files.Sort(StringComparer.Ordinal);
        _failures.Sort((a, b) => string.CompareOrdinal(a.Path, b.Path));
    }

    /// <summary>The paths of the pictures, in ordinal order.</summary>
    public IReadOnlyList<string> Files => _files;

    /// <summary>The folders that can't be read, and the pictures and folders whose names can't be said, and why.</summary>
    public IReadOnlyList<(string Path, string Error)> Failures => _failures;

    /// <summary>How many files and hidden folders are left out, and links to folders that were read already.</summary>
    public int LeftOut { get; private set; }

    /// <summary>Whether a file or folder is hidden: by its name, or as Windows marks it.</summary>
    public static bool IsHidden(FileSystemInfo entry) => entry.Name.StartsWith('.') || OperatingSystem.IsWindows() && entry.Attributes.HasFlag(FileAttributes.Hidden);

    private void Walk(string path, string real)
    {
        if (!_visited.Add(real))
        {
            LeftOut++;
            return;
        }
        FileSystemInfo[] entries;
        try
        {
            entries = [.. new DirectoryInfo(path).EnumerateFileSystemInfos("*", Everything).OrderBy(entry => entry.Name, StringComparer.Ordinal)];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _failures.Add((path, error.Message));
            return;
        }
        foreach (var entry in entries)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            if (!_includeHidden && IsHidden(entry) || _leftOut?.LeavesOut(Path.GetRelativePath(_root, entry.FullName)) == true)
                LeftOut++;
            else if (!entry.Exists)
                AddMissing(entry);
            else if (!entry.Attributes.HasFlag(FileAttributes.Directory))
                AddFile(entry.FullName);
            else if (entry.LinkTarget is not null)
                _links.Enqueue(entry.FullName);
            else
                Walk(entry.FullName, Path.Combine(real, entry.Name));
        }
    }

    /// <summary>Adds what is not there under the name that it was listed with, if it is because the name is no text.</summary>
    private void AddMissing(FileSystemInfo entry)
    {
        // Else it was deleted meanwhile.
        if (entry.Name.Contains(NotUtf8) && (entry is DirectoryInfo || _isPicture?.Invoke(entry.FullName) != false && ImageFormats.IsPicture(entry.FullName)))
            _failures.Add((entry.FullName, "its name isn't UTF-8; expected one that is, so rename it."));
        else
            LeftOut++;
    }

    private void AddFile(string path)
    {
        if (_isPicture is not null ? _isPicture(path) : Path.HasExtension(path) ? ImageFormats.IsPicture(path) : StartsAsPicture(path))
            _files.Add(path);
        else
            LeftOut++;
    }

    private static bool StartsAsPicture(string path)
    {
        var bytes = new byte[FirstBytes];
        try
        {
            Shared.RegularFile.RefuseOthers(path);
            using var file = File.OpenRead(path);
            return file.ReadAtLeast(bytes, FirstBytes, throwOnEndOfStream: false) is > 0 and var length && ImageFormats.Find(bytes.AsSpan(0, length)) is not null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private string? Target(string link)
    {
        try
        {
            return Shared.RealPath.Of(link);
        }
        catch (IOException error)
        {
            _failures.Add((link, error.Message));
            return null;
        }
    }
}
