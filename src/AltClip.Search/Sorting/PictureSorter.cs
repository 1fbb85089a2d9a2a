using AltClip.Imaging;
using AltClip.Shared;

namespace AltClip.Search;

/// <summary>
/// Sorts the pictures of a folder by labels into folders, first as a plan and then as copies or links. The pictures themselves stay as they are, and
/// no file is ever replaced: where the name is taken by another picture, a number is added.
/// </summary>
public static class PictureSorter
{
    /// <summary>Says where each picture would go, and changes nothing.</summary>
    /// <param name="pipeline">The model.</param>
    /// <param name="folder">The folder with the pictures, and folders of pictures.</param>
    /// <param name="labels">The labels, in any language; each gets a folder of its name.</param>
    /// <param name="into">The folder that gets them. It need not exist; if it is in <paramref name="folder"/>, what is in it is not sorted again.</param>
    /// <param name="options">Templates, limits, which pictures; null for the defaults.</param>
    /// <param name="progress">Is told how many pictures are embedded, of how many.</param>
    /// <param name="cancellationToken">Gives up the call.</param>
    /// <exception cref="ArgumentException">
    /// There are no labels, two are equal or would have one folder, one can't be a folder's name, a template has no <c>{}</c>, or
    /// <paramref name="into"/> is the folder itself or one above it.
    /// </exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="IOException"><paramref name="into"/> or a folder above it is a file.</exception>
    public static async Task<PictureSortPlan> PlanAsync(
        AltCLIPPipeline pipeline, string folder, IReadOnlyList<string> labels, string into, PictureSortOptions? options = null,
        IProgress<ImageIndexProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentException.ThrowIfNullOrEmpty(into);
        options ??= new PictureSortOptions();
        var (source, target) = (Path.GetFullPath(folder), OutputFolder.At(into));
        var folders = LabelFolders.Of(labels);
        if (!Path.GetRelativePath(target, source).StartsWith("..", StringComparison.Ordinal))
            throw new ArgumentException($"{source} would be sorted into itself or a folder above it, {target}; expected another folder.", nameof(into));
        var pictures = new PictureFolder(source, new ImageIndexerOptions
        {
            Exclude = [.. options.Exclude, .. Within(source, target)],
            IncludeHidden = options.IncludeHidden,
        });
        var (files, unlisted) = await Task.Run(() => pictures.List(cancellationToken), cancellationToken).ConfigureAwait(false);
        using var classifier = await Task.Run(
            () => pipeline.CreateClassifier(labels, options.Templates.Count > 0 ? options.Templates : null, cancellationToken), cancellationToken).ConfigureAwait(false);
        var skipping = new AltCLIPPipeline(pipeline.Model, pipeline.Processor, pipeline.Options with
        {
            Images = pipeline.Options.Images with { OnError = ImageErrorHandling.Skip },
        });
        var (sorted, failures, places) = (new List<SortedPicture>(), new List<ImageFailure>(), new SortTargets());
        var sources = files.Select(file => ImageSource.FromFile(file.Path));
        await foreach (var image in skipping.EncodeImagesAsync(sources, cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            var file = files[image.Index];
            var failure = image.Error is null ? null : new ImageFailure(file.Path, image.Error);
            if (failure is not null) failures.Add(failure);
            else sorted.Add(Place(file.Path, classifier.Classify(image.Embedding)[0]));
            progress?.Report(new ImageIndexProgress(image.Index + 1, files.Count, failure));
        }
        return new PictureSortPlan(target, sorted, [.. failures, .. unlisted]);

        SortedPicture Place(string path, LabelProbability best)
        {
            if (best.Probability < options.MinProbability) return new SortedPicture(path, best.Label, best.Probability, null, false);
            var (place, isThere) = places.Find(path, Path.Combine(target, folders[best.Label]));
            return new SortedPicture(path, best.Label, best.Probability, place, isThere);
        }
    }

    /// <summary>Does what a plan says. Of a run that is stopped, what was done is whole, and the next plan knows it.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="action">Whether pictures are copied or linked.</param>
    /// <param name="progress">Is told how many pictures are done, of how many.</param>
    /// <param name="cancellationToken">Stops between pictures.</param>
    /// <exception cref="IOException">A folder can't be made or written to. Nothing is copied or linked then.</exception>
    public static Task<PictureSortReport> ApplyAsync(
        PictureSortPlan plan, PictureSortAction action, IProgress<ImageIndexProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (!Enum.IsDefined(action)) throw new ArgumentOutOfRangeException(nameof(action), action, "There is no such action.");
        return Task.Run(() => Apply(plan, action, progress, cancellationToken), cancellationToken);
    }

    private static PictureSortReport Apply(
        PictureSortPlan plan, PictureSortAction action, IProgress<ImageIndexProgress>? progress, CancellationToken cancellationToken)
    {
        MakeFolders(plan);
        var (placed, failures, done, seen) = (new List<SortedPicture>(), new List<ImageFailure>(), 0, 0);
        foreach (var picture in plan.Pictures)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ImageFailure? failure = null;
            try
            {
                var now = Put(picture, action);
                placed.Add(now);
                if (now.Target is not null && !now.IsThere) done++;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                failures.Add(failure = new ImageFailure(picture.Picture, e));
            }
            progress?.Report(new ImageIndexProgress(++seen, plan.Pictures.Count, failure));
        }
        return new PictureSortReport(placed, done, failures);
    }

    private static SortedPicture Put(SortedPicture picture, PictureSortAction action)
    {
        if (picture.Target is null) return picture;
        if (!picture.IsThere) return picture with { Target = SortTargets.Put(picture.Picture, picture.Target, action) };
        // Who asks for copies has none as long as it is a link.
        return action == PictureSortAction.Copy && SortTargets.CopyOverLink(picture.Picture, picture.Target) ? picture with { IsThere = false } : picture;
    }

    // First, and all: what can't be written to fails once, and not for each picture after half is done.
    private static void MakeFolders(PictureSortPlan plan)
    {
        foreach (var folder in plan.Pictures.Where(picture => picture is { Target: not null, IsThere: false }).Select(picture => Path.GetDirectoryName(picture.Target!)!).Distinct())
        {
            try
            {
                Directory.CreateDirectory(folder);
                File.Create(Path.Combine(folder, $".{Guid.NewGuid():N}.tmp"), 1, FileOptions.DeleteOnClose).Dispose();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new IOException($"{folder} can't be written to; expected a folder in which files can be made.", e);
            }
        }
    }

    private static string[] Within(string source, string target) =>
        Path.GetRelativePath(source, target) is var path && path.StartsWith("..", StringComparison.Ordinal) || Path.IsPathRooted(path)
            ? [] : [$"/{path}"];
}
