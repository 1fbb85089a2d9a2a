using Microsoft.Extensions.Hosting;

namespace AltClip.Search.Extensions;

/// <summary>Opens model and store while the host starts, if the options want it.</summary>
internal sealed class AltClipSearchOpener(AltClipSearchProvider provider, AltClipSearchOptions options) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) =>
        options.OpenOnStart ? provider.GetSearcherAsync(cancellationToken) : Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
