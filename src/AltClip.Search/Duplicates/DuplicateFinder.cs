using AltClip.Shared;

namespace AltClip.Search;

/// <summary>Finds the pictures of a store that are there more than once: equal files, and pictures that look the same.</summary>
/// <remarks>
/// Equal files are found by size and SHA-256; a link to a file is no copy of it. Of each, one takes part in the comparison of embeddings, in which a group's pictures are all as similar
/// to its first as is asked for; they needn't be so to each other. All embeddings are in memory meanwhile, and each is compared with each.
/// </remarks>
public static class DuplicateFinder
{
    /// <summary>Finds duplicates.</summary>
    /// <param name="store">The store.</param>
    /// <param name="options">What are duplicates; null for the defaults.</param>
    /// <param name="progress">Is told the share of the work that is done, 0 to 1.</param>
    /// <param name="cancellationToken">Gives up the call.</param>
    public static async Task<DuplicateReport> FindAsync(
        IImageStore store, DuplicateOptions? options = null, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        options ??= new DuplicateOptions();
        var listed = options.Similarity is null ? store.ListAsync(cancellationToken) : store.ListWithEmbeddingsAsync(cancellationToken);
        var images = await listed.Where(image => options.Includes?.Invoke(image.Id) != false).ToListAsync(cancellationToken).ConfigureAwait(false);
        images.Sort((a, b) => string.CompareOrdinal(a.Id, b.Id));
        return await Task.Run(() => Find(images, options, progress, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    private static DuplicateReport Find(List<ImageEntry> images, DuplicateOptions options, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        images = WithoutLinks(images, options.FileOf ?? (id => id));
        var files = new EqualFiles(images, options.FileOf ?? (id => id), cancellationToken);
        List<DuplicateGroup> groups =
        [
            .. files.Groups.Select(group => new DuplicateGroup(true, [.. group.Select(image => new DuplicateImage(image.Id, image.Size, 1))])),
        ];
        var near = options.Similarity is not { } least ? []
            : SimilarImages.Group(Distinct(images, files), (float)least, progress, cancellationToken).Select(group => new DuplicateGroup(false, group));
        return new DuplicateReport([.. groups.OrderByDescending(Spare), .. near.OrderByDescending(Spare)], images.Count - files.Missing.Count, files.Missing);
    }

    /// <summary>The pictures with one for each file: a link to one is no copy of it, and who deletes copies must never be told of the file itself.</summary>
    private static List<ImageEntry> WithoutLinks(List<ImageEntry> images, Func<string, string> fileOf)
    {
        var kept = new Dictionary<string, ImageEntry>(StringComparer.Ordinal);
        var folders = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var image in images)
        {
            var path = Path.GetFullPath(fileOf(image.Id));
            var real = RealFile(path, folders);
            if (!kept.TryAdd(real, image) && path == real) kept[real] = image;
        }
        return [.. kept.Values.OrderBy(image => image.Id, StringComparer.Ordinal)];
    }

    private static string RealFile(string path, Dictionary<string, string> folders)
    {
        try
        {
            var folder = Path.GetDirectoryName(path) ?? path;
            if (!folders.TryGetValue(folder, out var real)) folders.Add(folder, real = RealPath.Of(folder));
            return new FileInfo(path).LinkTarget is null ? Path.Combine(real, Path.GetFileName(path)) : RealPath.Of(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Reading it will say what is wrong.
            return path;
        }
    }

    private static List<ImageEntry> Distinct(List<ImageEntry> images, EqualFiles files)
    {
        var others = files.Groups.SelectMany(group => group.Skip(1)).Select(image => image.Id).Concat(files.Missing).ToHashSet(StringComparer.Ordinal);
        return [.. images.Where(image => !others.Contains(image.Id))];
    }

    private static long Spare(DuplicateGroup group) => group.Images.Skip(1).Sum(image => image.Size);
}
