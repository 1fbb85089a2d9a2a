using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AltClip.Extensions;

/// <summary>What a generator uses of the app around it, with what stands in for it where there is none.</summary>
internal sealed class AppServices(IMeterFactory? meters = null, ILoggerFactory? loggers = null, TimeProvider? time = null)
{
    private static readonly Meter SharedMeter = new(AltClipTelemetry.Name);

    public Meter Meter { get; } = meters?.Create(AltClipTelemetry.Name) ?? SharedMeter;

    public ILogger Logger { get; } = (loggers ?? NullLoggerFactory.Instance).CreateLogger("AltClip.Extensions.Batches");

    public TimeProvider Time { get; } = time ?? TimeProvider.System;

    public static AppServices Of(IServiceProvider services) => new(
        services.GetRequiredService<IMeterFactory>(), services.GetRequiredService<ILoggerFactory>(), services.GetRequiredService<TimeProvider>());
}
