using AltClip.Imaging;
using AltClip.Shared;

namespace AltClip.Search;

/// <summary>A folder with the pictures in and below it, and what they are called in a store.</summary>
internal sealed class PictureFolder
{
    private readonly string _path;
    private readonly ImageIndexerOptions _options;
    private readonly string _idPrefix;

    /// <exception cref="DirectoryNotFoundException">The folder doesn't exist.</exception>
    /// <exception cref="ArgumentException">The folder is not in the one that ids are relative to.</exception>
    public PictureFolder(string folder, ImageIndexerOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        (_path, _options) = (Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)), options);
        if (!Directory.Exists(_path)) throw new DirectoryNotFoundException($"The folder {_path} doesn't exist.");
        _idPrefix = PictureIds.PrefixOf(_path, options.RelativeTo);
        if (_idPrefix.StartsWith("../", StringComparison.Ordinal)) throw new ArgumentException($"{_path} is not in {options.RelativeTo}.", nameof(folder));
    }

    /// <summary>The folder.</summary>
    public string FullPath => _path;

    /// <summary>Whether a picture is of this folder, by its id. Where ids are relative to the folder itself, full paths are of another one.</summary>
    public bool Owns(string id) => PictureIds.Owns(_idPrefix, id);

    /// <summary>What a store remembers of the folder.</summary>
    public IndexedFolder ToIndexed() => new()
    {
        Path = _path,
        RelativeTo = _options.RelativeTo is { } folder ? Path.GetFullPath(folder) : null,
        Exclude = [.. _options.Exclude],
        IncludeHidden = _options.IncludeHidden,
    };

    /// <summary>
    /// Lists the pictures in the order of their paths, and the folders that can't be read, in which there may be more. Links are followed, but to no folder
    /// twice; what the options leave out is.
    /// </summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public (IReadOnlyList<PictureFile> Files, IReadOnlyList<ImageFailure> Failures) List(CancellationToken cancellationToken)
    {
        var isPicture = _options.Extensions.SequenceEqual(ImageFormats.Extensions) ? (Func<string, bool>?)null : HasExtension;
        var leftOut = _options.Exclude.Count == 0 ? null : new PictureFilter(_options.Exclude);
        var files = new PictureFiles(_path, isPicture, cancellationToken, _options.IncludeHidden, leftOut);
        IReadOnlyList<ImageFailure> failures = files.Failures.Count == 0 ? [] : [.. files.Failures.Select(failure => new ImageFailure(IdOf(failure.Path), new IOException($"{failure.Path} can't be read: {failure.Error}")))];
        return ([.. files.Files.Select(ToFile)], failures);
    }

    private bool HasExtension(string path) => _options.Extensions.Any(extension => path.EndsWith(extension, StringComparison.OrdinalIgnoreCase));

    private PictureFile ToFile(string path)
    {
        var file = Real(path);
        return new PictureFile(path, IdOf(path), file.Exists ? file.Length : 0, file.LastWriteTimeUtc);
    }

    // A link that leads nowhere, or to itself, is listed with what is known of itself; reading it will say what is wrong.
    private static FileInfo Real(string path)
    {
        try
        {
            if (RealPath.FileAt(path) is { Exists: true } file) return file;
        }
        catch (IOException)
        {
            // A circle of links.
        }
        return new FileInfo(path);
    }

    private string IdOf(string path) => PictureIds.Of(path, _options.RelativeTo);
}
