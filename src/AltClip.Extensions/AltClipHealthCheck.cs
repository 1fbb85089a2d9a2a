using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AltClip.Extensions;

/// <summary>
/// Embeds a short text, past the queue. Healthy: that worked, or the model waits for its first use. Degraded: it is being loaded. Unhealthy
/// (or what the registration says): it can't be loaded, which is tried again each time, or gives no usable numbers.
/// </summary>
/// <param name="provider">Where the model comes from.</param>
public sealed class AltClipHealthCheck(AltClipPipelineProvider provider) : IHealthCheck
{
    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        var data = new Dictionary<string, object> { ["model"] = provider.ModelId };
        if (provider.IsLoading) return HealthCheckResult.Degraded("The model is being loaded.", data: data);
        // After a failure, an instance that gets no requests because it is unhealthy would else never load it.
        if (provider.Loaded is null && !provider.HasFailed) return HealthCheckResult.Healthy("The model is loaded at its first use.", data);
        try
        {
            var pipeline = await provider.GetPipelineAsync(cancellationToken).ConfigureAwait(false);
            data["precision"] = pipeline.Model.Precision.ToString();
            if (TowerComputation.OfTexts(pipeline.Model) is { Kernel: not null } texts) data["text_kernel"] = $"{texts}";
            if (TowerComputation.OfPictures(pipeline.Model) is { Kernel: not null } pictures) data["image_kernel"] = $"{pictures}";
            data["dimensions"] = pipeline.Model.Config.ProjectionDim;
            var embeddings = await pipeline.EncodeTextAsync(["health"], cancellationToken).ConfigureAwait(false);
            return embeddings[0].All(float.IsFinite)
                ? HealthCheckResult.Healthy("The model computes.", data)
                : new HealthCheckResult(context.Registration.FailureStatus, "The model gives numbers that are not finite.", data: data);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, e.Message, e, data);
        }
    }
}
