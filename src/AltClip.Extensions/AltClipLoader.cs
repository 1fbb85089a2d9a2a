using Microsoft.Extensions.Hosting;

namespace AltClip.Extensions;

/// <summary>Loads the model while the host starts, if the options want it.</summary>
internal sealed class AltClipLoader(AltClipPipelineProvider provider, AltClipOptions options) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) =>
        options.LoadOnStart ? provider.GetPipelineAsync(cancellationToken) : Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
