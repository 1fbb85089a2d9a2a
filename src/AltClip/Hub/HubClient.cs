namespace AltClip.Hub;

/// <summary>
/// Downloads models of the Hugging Face Hub into the cache that Python's <c>huggingface_hub</c> uses: either finds what the other downloaded.
/// Downloads that broke or were cancelled go on where they stopped; sizes and hashes are checked; processes wait for each other instead of
/// downloading twice. Safe to use from several threads.
/// </summary>
/// <remarks>
/// Every <c>FromPretrained</c> takes an id and downloads by itself what it reads. This class is for doing it beforehand, with
/// cancellation.
/// </remarks>
/// <example>
/// <code>
/// var progress = new Progress&lt;HubProgress&gt;(p => Console.WriteLine($"{p.File}: {p.BytesDone} of {p.BytesTotal}"));
/// var hub = new HubClient(new HubOptions { Progress = progress });
/// string folder = await hub.DownloadAsync("BAAI/AltCLIP", cancellationToken: stop);
/// using var pipeline = AltCLIPPipeline.FromPretrained(folder);
/// </code>
/// </example>
public sealed class HubClient
{
    private readonly HubOptions _options;

    /// <summary>Makes a client.</summary>
    /// <param name="options">Where from and where to; null for what the environment says.</param>
    /// <exception cref="ArgumentException">An option has a value that is not allowed.</exception>
    public HubClient(HubOptions? options = null)
    {
        _options = options ?? new HubOptions();
        _options.Validate();
    }

    /// <summary>Whether a text can be the id of a model, <c>owner/name</c> or <c>owner/name@revision</c>, by the rules of <c>huggingface_hub</c>.</summary>
    /// <param name="text">The text; nobody is asked whether there is such a model.</param>
    public static bool IsModelId(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            return HubModelId.TryParse(text, null, out _);
        }
        catch (ArgumentException)
        {
            return false; // its revision is malformed
        }
    }

    /// <summary>Makes sure that the cache has one file.</summary>
    /// <param name="id">The model, <c>owner/name</c> or <c>owner/name@revision</c>.</param>
    /// <param name="file">The file's path in the model's repository, with <c>/</c>.</param>
    /// <param name="revision">A branch, a tag or a commit; <c>main</c> if neither this nor the id says one.</param>
    /// <param name="cancellationToken">Stops; what has come so far is kept for the next time.</param>
    /// <returns>The file's path.</returns>
    /// <exception cref="ArgumentException">The id, the path or the revision is malformed.</exception>
    /// <exception cref="HubException">The file can't be had.</exception>
    /// <exception cref="IOException">The disk is full, or can't be written to.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public async Task<string> DownloadFileAsync(
        string id, string file, string? revision = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(file);
        if (!HubNames.IsRelativePath(file))
            throw new ArgumentException($"The file is '{file}'; expected a path below the model's folder, with '/'.", nameof(file));
        var folder = await DownloadAsync(HubModelId.Parse(id, revision), [new(true, [file])], cancellationToken).ConfigureAwait(false);
        return Path.Combine(folder, file.Replace('/', Path.DirectorySeparatorChar));
    }

    /// <summary>Makes sure that the cache has files of a model.</summary>
    internal Task<string> DownloadAsync(HubModelId id, IReadOnlyList<HubFileGroup> files, CancellationToken cancellationToken) =>
        // Away from the caller's thread, which may be one that draws windows: hashing takes a while.
        Task.Run(() => new HubSession(id, _options, cancellationToken).GetAsync(files), cancellationToken);
}
