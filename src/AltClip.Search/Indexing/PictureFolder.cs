using System.IO.Enumeration;

namespace AltClip.Search;

/// <summary>A folder with the pictures in and below it, and what they are called in a store.</summary>
internal sealed class PictureFolder
{
    // A folder that can't be read stops the walk: what is in it would else seem to be gone.
    private static readonly EnumerationOptions All = new()
    {
        RecurseSubdirectories = true,
        IgnoreInaccessible = false,
        AttributesToSkip = FileAttributes.Hidden | FileAttributes.System,
    };

    private readonly string _path;
    private readonly ImageIndexerOptions _options;
    private readonly string _idPrefix;

    /// <exception cref="DirectoryNotFoundException">The folder doesn't exist.</exception>
    /// <exception cref="ArgumentException">The folder is not in the one that ids are relative to.</exception>
    public PictureFolder(string path, ImageIndexerOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        (_path, _options) = (Path.GetFullPath(path), options);
        if (!Directory.Exists(_path)) throw new DirectoryNotFoundException($"The folder {_path} doesn't exist.");
        var id = IdOf(_path).TrimEnd('/');
        if (id.Split('/')[0] == "..") throw new ArgumentException($"{_path} is not in {options.RelativeTo}.", nameof(path));
        _idPrefix = id == "." ? "" : $"{id}/";
    }

    /// <summary>The folder.</summary>
    public string FullPath => _path;

    /// <summary>Whether a picture is of this folder, by its id. Where ids are relative to the folder itself, full paths are of another one.</summary>
    public bool Owns(string id) => _idPrefix.Length > 0 ? id.StartsWith(_idPrefix, StringComparison.Ordinal) : !Path.IsPathRooted(id);

    /// <summary>Lists the pictures. Links to files are followed, links to folders and hidden files are not.</summary>
    public IEnumerable<PictureFile> Enumerate() => new FileSystemEnumerable<PictureFile>(_path, ToFile, All)
    {
        ShouldIncludePredicate = (ref entry) => !entry.IsDirectory && HasExtension(entry.FileName),
        ShouldRecursePredicate = (ref entry) => !entry.Attributes.HasFlag(FileAttributes.ReparsePoint),
    };

    private bool HasExtension(ReadOnlySpan<char> name)
    {
        foreach (var extension in _options.Extensions)
            if (name.EndsWith(extension, StringComparison.OrdinalIgnoreCase)) return true;
        return false;
    }

    private PictureFile ToFile(ref FileSystemEntry entry)
    {
        var path = entry.ToFullPath();
        // A link that leads nowhere is listed with what is known of itself; reading it will say what is wrong.
        var target = entry.Attributes.HasFlag(FileAttributes.ReparsePoint) ? new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true) : null;
        return target is FileInfo { Exists: true } file
            ? new PictureFile(path, IdOf(path), file.Length, file.LastWriteTimeUtc)
            : new PictureFile(path, IdOf(path), entry.Length, entry.LastWriteTimeUtc);
    }

    private string IdOf(string path) =>
        (_options.RelativeTo is null ? path : Path.GetRelativePath(_options.RelativeTo, path)).Replace(Path.DirectorySeparatorChar, '/');
}
