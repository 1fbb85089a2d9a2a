using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AltClip.Extensions;

/// <summary>
/// Loads the model once, for all who ask. <c>AddAltClip</c> registers it: inject it for what embedding generators don't do, such as
/// <see cref="AltCLIPPipeline.Classify"/>.
/// </summary>
public sealed class AltClipPipelineProvider : IDisposable, IAsyncDisposable
{
    private readonly Func<AltCLIPPipeline> _load;
    private readonly AltClipOptions _options;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly OpenedOnce<AltCLIPPipeline> _pipeline;
    private int? _dimensions;

    internal AltClipPipelineProvider(
        AltClipOptions options, ILogger<AltClipPipelineProvider>? logger = null, TimeProvider? time = null, Func<AltCLIPPipeline>? load = null,
        AltCLIPPipeline? loaded = null)
    {
        _options = options;
        _pipeline = new(this, () => Task.FromResult(Load()), Free) { Value = loaded };
        _load = load ?? options.Load;
        _logger = logger ?? NullLogger<AltClipPipelineProvider>.Instance;
        _time = time ?? TimeProvider.System;
    }

    /// <summary>What embeddings, traces and metrics call the model.</summary>
    public string ModelId => _options.Name;

    /// <summary>How many numbers an embedding has; null while a model that isn't a folder is not loaded.</summary>
    public int? Dimensions => Loaded?.Model.Config.ProjectionDim ?? (_dimensions ??= ConfiguredDimensions());

    /// <summary>The pipeline once it is loaded, else null.</summary>
    internal AltCLIPPipeline? Loaded => _pipeline.Value;

    /// <summary>Whether loading has begun and not ended.</summary>
    internal bool IsLoading => _pipeline.IsOpening;

    /// <summary>Whether the last try to load failed; the next call tries again.</summary>
    internal bool HasFailed => _pipeline.HasFailed;

    /// <summary>Provides a pipeline that is there already and belongs to someone else.</summary>
    internal static AltClipPipelineProvider Of(AltCLIPPipeline pipeline, string modelId)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentException.ThrowIfNullOrWhiteSpace(modelId);
        return new AltClipPipelineProvider(new AltClipOptions { ModelId = modelId }, loaded: pipeline);
    }

    /// <summary>Gives the pipeline, and loads it if nobody has yet. After a failure the next call tries again.</summary>
    /// <param name="cancellationToken">Stops waiting; loading goes on for others.</param>
    /// <returns>The pipeline, which belongs to the provider: don't dispose it.</returns>
    /// <exception cref="IOException">A file is missing.</exception>
    /// <exception cref="ConfigurationException">The configuration can't be read.</exception>
    /// <exception cref="CheckpointException">The weights can't be read or don't fit.</exception>
    /// <exception cref="TokenizerException">The tokenizer can't be read.</exception>
    /// <exception cref="ConfigurationException">The image settings can't be read.</exception>
    /// <exception cref="NotSupportedException">The machine, or the libtorch that the app references, has no such device.</exception>
    /// <exception cref="ObjectDisposedException">The provider, or the app's services, are disposed.</exception>
    public Task<AltCLIPPipeline> GetPipelineAsync(CancellationToken cancellationToken = default) => _pipeline.GetAsync(cancellationToken);

    /// <summary>Frees the model, once calls under way have ended; one that is being loaded is freed when it is there.</summary>
    public void Dispose() => _pipeline.Dispose();

    /// <summary>
    /// The same, and waits for a model that is being loaded: the process may end next, which libtorch doesn't survive while it is called. A host
    /// that is stopped while it starts disposes its services so.
    /// </summary>
    public ValueTask DisposeAsync() => _pipeline.DisposeAsync();

    private static ValueTask Free(AltCLIPPipeline pipeline)
    {
        pipeline.Dispose();
        return default;
    }

    private AltCLIPPipeline Load()
    {
        _logger.ModelLoading(ModelId, _options.Precision, _options.Device);
        var started = _time.GetTimestamp();
        try
        {
            var pipeline = _load();
            var model = pipeline.Model;
            if (model.LoadReport is { IsComplete: false } report) _logger.ModelIncomplete(ModelId, report.ToString());
            var (texts, pictures) = (TowerComputation.OfTexts(model), TowerComputation.OfPictures(model));
            _logger.ModelLoaded(ModelId, _time.GetElapsedTime(started).TotalSeconds, texts.Kernel, texts.Numbers, pictures.Kernel, pictures.Numbers);
            return pipeline;
        }
        catch (Exception e)
        {
            _logger.ModelNotLoaded(e, ModelId);
            throw;
        }
    }

    /// <summary>Telemetry asks for this before anything is loaded. What is wrong with the file, loading will say.</summary>
    private int? ConfiguredDimensions()
    {
        if (!Directory.Exists(_options.Model)) return null;
        try
        {
            return AltCLIPConfig.FromPretrained(_options.Model).ProjectionDim;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or AltClipException)
        {
            return null;
        }
    }
}
