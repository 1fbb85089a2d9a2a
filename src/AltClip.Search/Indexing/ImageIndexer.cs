using System.Diagnostics.CodeAnalysis;
using AltClip.Imaging;

namespace AltClip.Search;

/// <summary>Keeps a store equal to the pictures of folders: new and changed ones are embedded, those whose files are gone are removed.</summary>
/// <remarks>
/// Whether a file has changed is told by its size and the time it was last written. What is done is in the store at once, so that a run that
/// was cancelled or killed goes on where it stopped when it is started again.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "What its pipeline holds is its caller's.")]
public sealed class ImageIndexer
{
    private readonly IImageStore _store;
    private readonly AltCLIPPipeline _skipping;
    private readonly ImageIndexerOptions _options;

    /// <summary>Joins a store and a model.</summary>
    /// <param name="store">The store, which stays the caller's.</param>
    /// <param name="pipeline">The model, which stays the caller's. Its image batch size is kept to.</param>
    /// <param name="options">What is a picture, and its id; null for the defaults.</param>
    /// <exception cref="ModelMismatchException">The model's embeddings have other dimensions than the store's.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public ImageIndexer(IImageStore store, AltCLIPPipeline pipeline, ImageIndexerOptions? options = null)
    {
        PipelineCheck.RefuseOtherDimensions(store, pipeline);
        _options = options ?? new ImageIndexerOptions();
        _options.Validate();
        _store = store;
        // The same model and preparation, but a picture that can't be read doesn't end the stream. Nothing of it is to be disposed.
        _skipping = new AltCLIPPipeline(pipeline.Model, pipeline.Processor, pipeline.Options with
        {
            Images = pipeline.Options.Images with { OnError = ImageErrorHandling.Skip },
        });
    }

    /// <summary>
    /// Makes the store equal to the pictures in and below a folder, and has it remember the folder (<see cref="IndexedFolders"/>). Pictures of other
    /// folders stay as they are, and so do those below folders that can't be listed.
    /// </summary>
    /// <param name="folder">
    /// The folder. Hidden files and folders are passed over, unless the options say otherwise; links are followed, but to no folder twice.
    /// </param>
    /// <param name="progress">Is told after each picture.</param>
    /// <param name="cancellationToken">Stops between pictures; what is embedded is still written.</param>
    /// <returns>What was done, and which pictures and folders could not be read.</returns>
    /// <exception cref="DirectoryNotFoundException">The folder doesn't exist.</exception>
    /// <exception cref="ArgumentException">The folder is not in <see cref="ImageIndexerOptions.RelativeTo"/>.</exception>
    /// <exception cref="EmptyFolderException">
    /// The folder has no pictures, but the store has some of it, and <see cref="ImageIndexerOptions.AllowEmpty"/> isn't set. Nothing is changed then.
    /// </exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public async Task<ImageIndexReport> IndexAsync(
        string folder, IProgress<ImageIndexProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var pictures = new PictureFolder(folder, _options);
        var state = await CompareAsync(_store, pictures, cancellationToken).ConfigureAwait(false);
        if (state.Files.Length == 0 && state.Gone.Count > 0 && state.Gone.Count == state.Stored.Count && !_options.AllowEmpty) throw new EmptyFolderException(pictures.FullPath, state.Stored.Count);

        await IndexedFolders.RememberAsync(_store, pictures.ToIndexed(), cancellationToken).ConfigureAwait(false);
        var removed = await _store.DeleteAsync(state.Gone, cancellationToken).ConfigureAwait(false);
        var (work, stored) = (state.Work, state.Stored);
        var failures = await EmbedAsync(work, progress, cancellationToken).ConfigureAwait(false);

        // Of a file that has become unreadable, what the store has is no longer true.
        await _store.DeleteAsync([.. failures.Select(failure => failure.Id).Where(stored.ContainsKey)], cancellationToken).ConfigureAwait(false);
        var failed = failures.Select(failure => failure.Id).ToHashSet(StringComparer.Ordinal);
        var updated = work.Count(file => stored.ContainsKey(file.Id) && !failed.Contains(file.Id));
        return new ImageIndexReport(
            work.Length - failures.Count - updated, updated, state.Files.Length - work.Length, removed, [.. failures, .. state.Unlisted]);
    }

    /// <summary>Says what <see cref="IndexAsync"/> would do, and does nothing. It needs no model.</summary>
    /// <param name="store">The store, which may be opened for reading.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="options">How it is indexed; null for the defaults.</param>
    /// <param name="cancellationToken">Gives up the call.</param>
    /// <exception cref="DirectoryNotFoundException">The folder doesn't exist.</exception>
    /// <exception cref="ArgumentException">An option is out of range, or the folder is not in <see cref="ImageIndexerOptions.RelativeTo"/>.</exception>
    public static async Task<ImageIndexChanges> FindChangesAsync(
        IImageStore store, string folder, ImageIndexerOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        options ??= new ImageIndexerOptions();
        options.Validate();
        var state = await CompareAsync(store, new PictureFolder(folder, options), cancellationToken).ConfigureAwait(false);
        var updated = state.Work.Count(file => state.Stored.ContainsKey(file.Id));
        return new ImageIndexChanges(state.Work.Length - updated, updated, state.Files.Length - state.Work.Length, state.Gone.Count) { Failures = state.Unlisted };
    }

    private static async Task<FolderState> CompareAsync(IImageStore store, PictureFolder folder, CancellationToken cancellationToken)
    {
        var (files, unlisted) = await Task.Run(() => List(folder, cancellationToken), cancellationToken).ConfigureAwait(false);
        var stored = await StoredAsync(store, folder, cancellationToken).ConfigureAwait(false);
        var present = files.Select(file => file.Id).ToHashSet(StringComparer.Ordinal);
        return new FolderState(
            files, unlisted, stored, [.. stored.Keys.Where(id => !present.Contains(id) && !unlisted.Any(folder => IsIn(id, folder.Id)))],
            [.. files.Where(file => !stored.TryGetValue(file.Id, out var entry) || IsChanged(file, entry))]);
    }

    private static (PictureFile[] Files, IReadOnlyList<ImageFailure> Unlisted) List(PictureFolder folder, CancellationToken cancellationToken)
    {
        var (files, unlisted) = folder.List(cancellationToken);
        return ([.. files.OrderBy(file => file.Id, StringComparer.Ordinal)], unlisted);
    }

    // Of what is in a folder that can't be listed, nothing is known.
    private static bool IsIn(string id, string folder) => folder == "." || id.StartsWith($"{folder.TrimEnd('/')}/", StringComparison.Ordinal);

    private static async Task<Dictionary<string, ImageEntry>> StoredAsync(IImageStore store, PictureFolder folder, CancellationToken cancellationToken)
    {
        var stored = new Dictionary<string, ImageEntry>(StringComparer.Ordinal);
        await foreach (var entry in store.ListAsync(cancellationToken).ConfigureAwait(false))
            if (folder.Owns(entry.Id)) stored.Add(entry.Id, entry);
        return stored;
    }

    private static bool IsChanged(PictureFile file, ImageEntry entry) => file.Size != entry.Size || file.ToEntry().Modified != entry.Modified;

    private async Task<List<ImageFailure>> EmbedAsync(
        PictureFile[] work, IProgress<ImageIndexProgress>? progress, CancellationToken cancellationToken)
    {
        var failures = new List<ImageFailure>();
        var waiting = new List<ImageEntry>(_options.WriteSize);
        try
        {
            var sources = work.Select(file => ImageSource.FromFile(file.Path));
            await foreach (var image in _skipping.EncodeImagesAsync(sources, cancellationToken: cancellationToken).ConfigureAwait(false))
            {
                var file = work[image.Index];
                var failure = image.Error is null ? null : new ImageFailure(file.Id, image.Error);
                if (failure is null) waiting.Add(file.ToEntry() with { Embedding = image.Embedding });
                else failures.Add(failure);
                if (waiting.Count >= _options.WriteSize) await WriteAsync(cancellationToken).ConfigureAwait(false);
                progress?.Report(new ImageIndexProgress(image.Index + 1, work.Length, failure));
            }
        }
        finally
        {
            // Also after a cancellation: the work is done, and would have to be done again.
            await WriteAsync(CancellationToken.None).ConfigureAwait(false);
        }
        return failures;

        async Task WriteAsync(CancellationToken stop)
        {
            if (waiting.Count == 0) return;
            ImageEntry[] batch = [.. waiting];
            await _store.UpsertAsync(batch, stop).ConfigureAwait(false);
            waiting.Clear();
        }
    }

    // What is in a folder, what the store has of it, and how they differ.
    private sealed record FolderState(
        PictureFile[] Files, IReadOnlyList<ImageFailure> Unlisted, Dictionary<string, ImageEntry> Stored, IReadOnlyList<string> Gone, PictureFile[] Work);
}
