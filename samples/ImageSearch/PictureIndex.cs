using System.Text.Encodings.Web;
using System.Text.Json;
using AltClip;
using AltClip.Extensions;
using AltClip.Search;
using AltClip.Search.DuckDB;
using AltClip.Search.Postgres;
using Microsoft.Extensions.Options;

namespace ImageSearch;

/// <summary>Opens the store while the app starts, and then indexes the folder in the background. What is indexed can be searched meanwhile.</summary>
internal sealed partial class PictureIndex(
    AltClipPipelineProvider models, IOptions<ImageSearchOptions> options, ILogger<PictureIndex> logger) : BackgroundService
{
    private static readonly ImageStores Stores = new ImageStores().AddDuckDB().AddPostgres();

    private readonly string _folder = options.Value.Resolve().Folder;
    private readonly ServedFolder _served = new(options.Value.Resolve().Folder);
    private ImageSearcher? _searcher;
    private ImageIndexer? _indexer;

    /// <summary>Finds pictures.</summary>
    public ImageSearcher Searcher => _searcher ?? throw new InvalidOperationException("The app has not started.");

    /// <summary>The cosine below which a picture doesn't show a text, where the model has one stored beside it.</summary>
    public double? LeastScore { get; private set; }

    /// <summary>How far indexing is.</summary>
    public IndexState State { get; private set; } = new(IsIndexing: true, Done: 0, Total: 0, Failed: 0, Error: null);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        var (_, model, store) = options.Value.Resolve();
        if (!Directory.Exists(_folder)) throw new DirectoryNotFoundException($"The folder {_folder} doesn't exist.");
        // To the end even if the app is stopped: the process must not go away while libtorch computes.
        var loaded = await models.GetPipelineAsync(CancellationToken.None);
        LeastScore = loaded.RejectionThreshold?.Similarity;
        // The same model, for pictures of strangers. Nothing of it is to be disposed.
        var pipeline = new AltCLIPPipeline(loaded.Model, loaded.Processor, loaded.Options with
        {
            Images = loaded.Options.Images with { MaxPixels = options.Value.MaxPixels },
        });
        var opened = await Stores.OpenAsync(store, EmbeddingModel.Of(pipeline, model), cancellationToken: cancellationToken);
        _searcher = new ImageSearcher(opened, pipeline);
        _indexer = new ImageIndexer(opened, pipeline, new ImageIndexerOptions { RelativeTo = _folder, AllowEmpty = options.Value.AllowEmpty });
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (_searcher is not null) await _searcher.Store.DisposeAsync();
    }

    /// <summary>
    /// The file of a picture, if there is one in the store under this id. Nothing else in the folder or outside is given away: others may write to
    /// the store too, and name what they like.
    /// </summary>
    public async Task<string?> FileAsync(string id, CancellationToken cancellationToken) =>
        await Searcher.Store.GetAsync(id, cancellationToken) is null ? null : _served.Find(id);

    /// <summary>A name with what a terminal would obey escaped, as in JSON.</summary>
    private static string Shown(string name) => JsonEncodedText.Encode(name, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            var report = await _indexer!.IndexAsync(_folder, new Watch(this), stoppingToken);
            State = State with { IsIndexing = false, Failed = report.Failures.Count };
            LogIndexed(_folder, report.Added, report.Updated, report.Unchanged, report.Removed, report.Failures.Count);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogFailed(e, _folder);
            State = State with { IsIndexing = false, Error = e.Message };
        }
    }

    [LoggerMessage(1, LogLevel.Information, "{Folder}: {Added} new, {Updated} changed, {Unchanged} unchanged, {Removed} removed, {Failed} unreadable.")]
    private partial void LogIndexed(string folder, int added, int updated, int unchanged, int removed, int failed);

    [LoggerMessage(2, LogLevel.Warning, "{Picture} can't be read: {Reason}")]
    private partial void LogUnreadable(string picture, string reason);

    [LoggerMessage(3, LogLevel.Error, "{Folder} could not be indexed.")]
    private partial void LogFailed(Exception error, string folder);

    private sealed class Watch(PictureIndex index) : IProgress<ImageIndexProgress>
    {
        public void Report(ImageIndexProgress value)
        {
            if (value.Failure is { } failure) index.LogUnreadable(Shown(failure.Id), failure.Error.Message);
            index.State = index.State with { Done = value.Done, Total = value.Total, Failed = index.State.Failed + (value.Failure is null ? 0 : 1) };
        }
    }
}
