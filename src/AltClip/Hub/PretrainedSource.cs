namespace AltClip.Hub;

/// <summary>Where a model is to be read from: a folder, or a model on the Hub.</summary>
/// <param name="FolderOrId">A folder, a file in one, or <c>owner/name</c> or <c>owner/name@revision</c>. What exists on disk is no id.</param>
/// <param name="Revision">The revision of a model on the Hub, or null.</param>
/// <param name="Hub">How the Hub is asked; null for what the environment says.</param>
/// <param name="Subfolder">The folder within it that has the files, such as <c>text_encoder</c> of a pipeline; null for itself.</param>
internal readonly record struct PretrainedSource(string FolderOrId, string? Revision, HubOptions? Hub, string? Subfolder = null)
{
    // As every FromPretrained calls its arguments.
    private const string IdName = "folderOrId";
    private const string RevisionName = "revision";
    private const string SubfolderName = "subfolder";

    /// <summary>The folder that has the files, downloaded where they have to be.</summary>
    /// <returns>
    /// What was given where it is no id, whether it exists or not: the readers of folders say best what is missing.
    /// </returns>
    /// <exception cref="ArgumentException">There is a revision where there is no id.</exception>
    /// <exception cref="HubException">A file that is required can't be had.</exception>
    public string Locate(IReadOnlyList<HubFileGroup> files) => LocateAsync(files, CancellationToken.None).GetAwaiter().GetResult();

    /// <inheritdoc cref="Locate"/>
    public async Task<string> LocateAsync(IReadOnlyList<HubFileGroup> files, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(FolderOrId, IdName);
        if (Subfolder is not null && !HubNames.IsRelativePath(Subfolder))
            throw new ArgumentException($"The subfolder is '{Subfolder}'; expected names joined by '/'.", SubfolderName);
        if (Path.Exists(FolderOrId) || !HubModelId.TryParse(FolderOrId, Revision, out var id))
        {
            return Revision is null
                ? Below(FolderOrId)
                : throw new ArgumentException(
                    $"'{FolderOrId}' is no id of a model on the Hub; expected no revision, which was '{Revision}'.", RevisionName);
        }
        try
        {
            var subfolder = Subfolder;
            var wanted = subfolder is null ? files : [.. files.Select(group => group.In(subfolder))];
            return Below(await new HubClient(Hub).DownloadAsync(id, wanted, cancellationToken).ConfigureAwait(false));
        }
        catch (HubException e) when (e.Error is HubError.ModelNotFound or HubError.Forbidden or HubError.Unreachable or HubError.Offline)
        {
            // owner/name is also how a folder looks that was misspelt or is somewhere else.
            throw new HubException(e.Error, $"There is no folder '{FolderOrId}', and as a model on the Hub: {e.Message}", e)
            {
                StatusCode = e.StatusCode,
            };
        }
    }

    private string Below(string folder) =>
        Subfolder is null ? folder : Path.Combine(folder, Subfolder.Replace('/', Path.DirectorySeparatorChar));
}
