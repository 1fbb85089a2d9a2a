namespace AltClip.Hub;

/// <summary>Downloads of all that a model needs.</summary>
public static class HubClientExtensions
{
    /// <summary>
    /// Makes sure that the cache has what <see cref="AltCLIPPipeline.FromPretrained"/> reads: configuration, weights (safetensors where there
    /// are any, else PyTorch's), tokenizer and image settings.
    /// </summary>
    /// <param name="client">The client.</param>
    /// <param name="id">The model, <c>owner/name</c> or <c>owner/name@revision</c>.</param>
    /// <param name="revision">A branch, a tag or a commit; <c>main</c> if neither this nor the id says one.</param>
    /// <param name="cancellationToken">Stops; what has come so far is kept for the next time.</param>
    /// <returns>The folder that has the files, for any <c>FromPretrained</c>.</returns>
    /// <exception cref="ArgumentException">The id or the revision is malformed.</exception>
    /// <exception cref="HubException">A file can't be had.</exception>
    /// <exception cref="IOException">The disk is full, or can't be written to.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public static Task<string> DownloadAsync(
        this HubClient client, string id, string? revision = null, CancellationToken cancellationToken = default) =>
        client.DownloadAsync(HubModelId.Parse(id, revision), AltCLIPPipeline.Files, cancellationToken);

    /// <summary>Waits for <see cref="DownloadAsync(HubClient, string, string?, CancellationToken)"/>.</summary>
    /// <inheritdoc cref="DownloadAsync(HubClient, string, string?, CancellationToken)"/>
    public static string Download(this HubClient client, string id, string? revision = null, CancellationToken cancellationToken = default) =>
        client.DownloadAsync(id, revision, cancellationToken).GetAwaiter().GetResult();
}
