using AltClip.Extensions;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts AltCLIP into an app's services.</summary>
public static class AltClipServiceCollectionExtensions
{
    /// <summary>
    /// Adds <c>IEmbeddingGenerator&lt;string, Embedding&lt;float&gt;&gt;</c> for texts,
    /// <c>IEmbeddingGenerator&lt;DataContent, Embedding&lt;float&gt;&gt;</c> for pictures, and <see cref="AltClipPipelineProvider"/> for all
    /// else. They are singletons and share one model. The options are checked when the host starts.
    /// </summary>
    /// <remarks>
    /// Calls of the generators are traced and measured with <see cref="AltClipTelemetry.Names"/>. To put more in front of a generator, such
    /// as a cache, register it once more: <c>services.AddEmbeddingGenerator(app =&gt;
    /// app.GetRequiredService&lt;AltClipTextEmbeddingGenerator&gt;()).UseDistributedCache()</c>.
    /// </remarks>
    /// <param name="services">The app's services.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddAltClip(this IServiceCollection services, Action<AltClipOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        AddServices(services, null).Configure(configure);
        return services;
    }

    /// <summary>Adds what <see cref="AddAltClip(IServiceCollection, Action{AltClipOptions})"/> adds, with options from the configuration.</summary>
    /// <param name="services">The app's services.</param>
    /// <param name="section">
    /// The configuration of <see cref="AltClipOptions"/>, such as <c>builder.Configuration.GetSection("AltClip")</c>. Keys that there are no
    /// options for are refused.
    /// </param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddAltClip(this IServiceCollection services, IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(section);
        AddServices(services, null).Bind(section, binder => binder.ErrorOnUnknownConfiguration = true);
        return services;
    }

    /// <summary>Adds what <see cref="AddAltClip(IServiceCollection, Action{AltClipOptions})"/> adds, with a model and defaults for all else.</summary>
    /// <param name="services">The app's services.</param>
    /// <param name="model">A model folder or a Hugging Face id.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddAltClip(this IServiceCollection services, string model) =>
        services.AddAltClip(options => options.Model = model);

    /// <summary>
    /// Adds one of several models: what <see cref="AddAltClip(IServiceCollection, Action{AltClipOptions})"/> adds, as keyed services under a name
    /// (<c>[FromKeyedServices("name")]</c>), with options of that name.
    /// </summary>
    /// <param name="services">The app's services.</param>
    /// <param name="name">The name, which is the services' key.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>The same services.</returns>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public static IServiceCollection AddAltClip(this IServiceCollection services, string name, Action<AltClipOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(configure);
        AddServices(services, name).Configure(configure);
        return services;
    }

    /// <summary>Adds one of several models under a name, with options from the configuration.</summary>
    /// <param name="services">The app's services.</param>
    /// <param name="name">The name, which is the services' key.</param>
    /// <param name="section">The configuration of <see cref="AltClipOptions"/>. Keys that there are no options for are refused.</param>
    /// <returns>The same services.</returns>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public static IServiceCollection AddAltClip(this IServiceCollection services, string name, IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(section);
        AddServices(services, name).Bind(section, binder => binder.ErrorOnUnknownConfiguration = true);
        return services;
    }

    /// <summary>Adds one of several models under a name, with defaults for all else.</summary>
    /// <param name="services">The app's services.</param>
    /// <param name="name">The name, which is the services' key.</param>
    /// <param name="model">A model folder or a Hugging Face id.</param>
    /// <returns>The same services.</returns>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public static IServiceCollection AddAltClip(this IServiceCollection services, string name, string model) =>
        services.AddAltClip(name, options => options.Model = model);

    /// <summary>Adds <see cref="AltClipHealthCheck"/>.</summary>
    /// <param name="builder">What <c>AddHealthChecks</c> gave.</param>
    /// <param name="name">The name of the check.</param>
    /// <param name="failureStatus">What is reported when the model doesn't work; unhealthy if null.</param>
    /// <param name="tags">Tags to choose checks by.</param>
    /// <param name="timeout">The most time the check takes; no limit if null.</param>
    /// <param name="model">The name that the model was added under; null for the one without.</param>
    /// <returns>The same builder.</returns>
    public static IHealthChecksBuilder AddAltClip(
        this IHealthChecksBuilder builder, string name = "altclip", HealthStatus? failureStatus = null, IEnumerable<string>? tags = null,
        TimeSpan? timeout = null, string? model = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(
            name, services => new AltClipHealthCheck(ProviderOf(services, model)), failureStatus, tags, timeout));
    }

    private static OptionsBuilder<AltClipOptions> AddServices(IServiceCollection services, string? name)
    {
        var options = services.AddOptions<AltClipOptions>(name);
        // Called again, it only adds to the options.
        if (services.Any(service => service.ServiceType == typeof(AltClipPipelineProvider) && Equals(service.ServiceKey, name))) return options;
        services.AddLogging();
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AltClipOptions>, AltClipOptionsValidator>());
        services.AddKeyedSingleton(name, (app, _) => new AltClipPipelineProvider(
            Options(app, name), app.GetRequiredService<ILogger<AltClipPipelineProvider>>(), app.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IHostedService>(app =>
            new AltClipLoader(app.GetRequiredKeyedService<AltClipPipelineProvider>(name), Options(app, name)));
        services.AddKeyedSingleton(name, (app, _) => new AltClipTextEmbeddingGenerator(
            app.GetRequiredKeyedService<AltClipPipelineProvider>(name),
            BatchLimits.From(Options(app, name).Batching, Options(app, name).TextBatchSize), AppServices.Of(app)));
        services.AddKeyedSingleton(name, (app, _) => new AltClipImageEmbeddingGenerator(
            app.GetRequiredKeyedService<AltClipPipelineProvider>(name),
            BatchLimits.From(Options(app, name).Batching, Options(app, name).ImageBatchSize), AppServices.Of(app)));
        services.AddKeyedEmbeddingGenerator(name, app => app.GetRequiredKeyedService<AltClipTextEmbeddingGenerator>(name)).UseOpenTelemetry();
        services.AddKeyedEmbeddingGenerator(name, app => app.GetRequiredKeyedService<AltClipImageEmbeddingGenerator>(name)).UseOpenTelemetry();
        return options.ValidateOnStart();
    }

    /// <summary>The model that was added under a name.</summary>
    /// <exception cref="InvalidOperationException">None was.</exception>
    internal static AltClipPipelineProvider ProviderOf(IServiceProvider app, string? name) =>
        app.GetKeyedService<AltClipPipelineProvider>(name) ?? throw new InvalidOperationException(name is null
            ? "No model was added to the services: call services.AddAltClip(...)."
            : $"No model was added to the services under the name '{name}': call services.AddAltClip(\"{name}\", ...).");

    private static AltClipOptions Options(IServiceProvider app, string? name) => app.GetRequiredService<IOptionsMonitor<AltClipOptions>>().Get(name);
}
