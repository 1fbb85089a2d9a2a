using Microsoft.Extensions.Logging;

namespace AltClip.Extensions;

/// <summary>Everything this library logs. Texts and pictures are never among it.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Loading {ModelId} ({Precision}, {Device}).")]
    public static partial void ModelLoading(this ILogger logger, string modelId, InferencePrecision precision, string device);

    [LoggerMessage(
        2, LogLevel.Information,
        "Loaded {ModelId} in {Seconds:f1} s: texts by {TextKernel} in {TextPrecision}, pictures by {ImageKernel} in {ImagePrecision}.")]
    public static partial void ModelLoaded(
        this ILogger logger, string modelId, double seconds, string? textKernel, string? textPrecision, string? imageKernel, string? imagePrecision);

    [LoggerMessage(3, LogLevel.Error, "{ModelId} could not be loaded.")]
    public static partial void ModelNotLoaded(this ILogger logger, Exception error, string modelId);

    [LoggerMessage(4, LogLevel.Debug, "Computed a batch of {Size} {Kind} inputs in {Milliseconds:f1} ms.")]
    public static partial void BatchComputed(this ILogger logger, int size, string kind, double milliseconds);

    [LoggerMessage(5, LogLevel.Warning, "A batch of {Size} {Kind} inputs failed; its halves are tried alone.")]
    public static partial void BatchSplit(this ILogger logger, Exception error, int size, string kind);

    [LoggerMessage(6, LogLevel.Warning, "{ModelId}: {Report}")]
    public static partial void ModelIncomplete(this ILogger logger, string modelId, string report);
}
