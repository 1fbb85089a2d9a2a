using AltClip.Search;
using AltClip.Search.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts the search for pictures into an app's services, beside the model of <c>AddAltClip</c>.</summary>
public static class AltClipSearchServiceCollectionExtensions
{
    /// <summary>
    /// Adds <see cref="AltClipSearchProvider"/>, a singleton, which opens the store for the embeddings of the model that <c>AddAltClip</c> added. The options
    /// are checked when the host starts.
    /// </summary>
    /// <param name="services">The app's services.</param>
    /// <param name="stores">The databases that the store may be in, such as <c>new ImageStores().AddDuckDB()</c>.</param>
    /// <param name="configure">Sets the options.</param>
    /// <param name="name">The name that the model was added under, which is the provider's key too; null for the model without.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddAltClipSearch(
        this IServiceCollection services, ImageStores stores, Action<AltClipSearchOptions> configure, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(stores);
        ArgumentNullException.ThrowIfNull(configure);
        var options = services.AddOptions<AltClipSearchOptions>(name).Configure(configure)
            .Validate(options => !string.IsNullOrWhiteSpace(options.Store), $"AltClip.Search: {nameof(AltClipSearchOptions.Store)} is missing; expected {stores}.");
        // Called again, it only adds to the options.
        if (services.Any(service => service.ServiceType == typeof(AltClipSearchProvider) && Equals(service.ServiceKey, name))) return services;
        services.AddKeyedSingleton(name, (app, _) => new AltClipSearchProvider(
            AltClipServiceCollectionExtensions.ProviderOf(app, name), stores, Options(app, name)));
        services.AddSingleton<IHostedService>(app =>
            new AltClipSearchOpener(app.GetRequiredKeyedService<AltClipSearchProvider>(name), Options(app, name)));
        options.ValidateOnStart();
        return services;
    }

    /// <summary>Adds the search of a store with defaults for all else.</summary>
    /// <param name="services">The app's services.</param>
    /// <param name="stores">The databases that the store may be in, such as <c>new ImageStores().AddDuckDB()</c>.</param>
    /// <param name="store">Where the store is: see <see cref="AltClipSearchOptions.Store"/>.</param>
    /// <param name="name">The name that the model was added under, which is the provider's key too; null for the model without.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddAltClipSearch(this IServiceCollection services, ImageStores stores, string store, string? name = null) =>
        services.AddAltClipSearch(stores, options => options.Store = store, name);

    private static AltClipSearchOptions Options(IServiceProvider app, string? name) => app.GetRequiredService<IOptionsMonitor<AltClipSearchOptions>>().Get(name);
}
