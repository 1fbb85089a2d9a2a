using AltClip.Checkpoints;

namespace AltClip.Hub;

/// <summary>
/// One download of a model's files: all are of the commit that the first answer names, so that a branch that moves meanwhile makes no mixture.
/// </summary>
internal sealed class HubSession(HubModelId id, HubOptions options, CancellationToken cancellationToken)
{
    private readonly HubCache _cache = new(options.CacheFolder, id, options.CreateLink);
    private readonly HubHttp _http = new(id, options);
    private string? _commit = HubNames.IsCommit(id.Revision) ? id.Revision : null;
    private bool _reached;
    private HubException? _offline;

    /// <summary>Makes sure that the cache has the files.</summary>
    /// <returns>The folder of the snapshot.</returns>
    /// <exception cref="HubException">A file that is required can't be had.</exception>
    public async Task<string> GetAsync(IEnumerable<HubFileGroup> groups)
    {
        if (options.Offline) GoOffline(new HubException(HubError.Offline, "The Hub may not be asked (HF_HUB_OFFLINE)."));
        foreach (var group in groups)
        {
            if (!await AnyAsync(group) && group.IsRequired) throw Missing(group.ToString());
        }
        if (_reached && !HubNames.IsCommit(id.Revision)) Note(() => _cache.WriteRef(id.Revision, _commit!));
        return _cache.Snapshot(_commit!);
    }

    private async Task<bool> AnyAsync(HubFileGroup group)
    {
        foreach (var files in group.Alternatives)
        {
            if (await AllAsync(files)) return true;
        }
        return false;
    }

    private async Task<bool> AllAsync(string[] files)
    {
        foreach (var file in files)
        {
            if (await FindAsync(file) is not { } path) return false;
            if (CheckpointFiles.IsIndex(file)) await GetShardsAsync(path, file[..(file.LastIndexOf('/') + 1)]);
        }
        return true;
    }

    /// <summary>Gets the files that an index names, which are in its own <paramref name="folder"/> of the model.</summary>
    private async Task GetShardsAsync(string index, string folder)
    {
        foreach (var shard in ShardIndex.Read(index).Values.Distinct())
        {
            if (await FindAsync(folder + shard) is null) throw Missing(folder + shard);
        }
    }

    /// <summary>The path of a file, downloaded where it has to be; null if there is none.</summary>
    private async Task<string?> FindAsync(string file)
    {
        if (_commit is not null)
        {
            if (_cache.Has(_commit, file)) return _cache.Pointer(_commit, file);
            if (_offline is not null || _cache.IsKnownMissing(_commit, file)) return null;
        }
        HubFileInfo info;
        try
        {
            info = await _http.HeadAsync(_commit ?? id.Revision, file, MayGoOffline(file) ? 0 : options.Retries, cancellationToken);
        }
        catch (HubException e) when (e.Error == HubError.FileNotFound)
        {
            _reached = true;
            _commit ??= e.Commit;
            if (_commit is { } commit && e.Commit is not null) Note(() => _cache.MarkMissing(commit, file));
            return null;
        }
        catch (HubException e) when (!_reached && e.Error != HubError.RevisionNotFound)
        {
            // As huggingface_hub does: what was downloaded before is used when the Hub can't be.
            GoOffline(e);
            return await FindAsync(file);
        }
        _reached = true;
        _commit ??= info.Commit;
        return await FetchAsync(info with { Commit = _commit }, file);
    }

    private async Task<string> FetchAsync(HubFileInfo info, string file)
    {
        var pointer = _cache.Pointer(info.Commit, file);
        if (_cache.Has(info.Commit, file)) return pointer;
        _cache.Prepare(info.Commit, file, info.Etag);
        using (await HubLock.AcquireAsync(_cache.LockFile(info.Etag), options.LockWait, cancellationToken))
        {
            if (_cache.Has(info.Commit, file)) return pointer; // by whoever had the lock before
            var blob = _cache.Blob(info.Etag);
            var isNew = !File.Exists(blob) || SizeOf(blob) != info.Size;
            if (isNew)
            {
                await new HubTransfer(_http, options, info, file).RunAsync(_cache.Incomplete(info.Etag), cancellationToken);
                File.Move(_cache.Incomplete(info.Etag), blob, overwrite: true);
            }
            _cache.Link(info.Commit, file, info.Etag, isNew);
            return pointer;
        }
    }

    /// <summary>Whether it would do to look into the cache, so that a Hub that is away need not be waited for.</summary>
    private bool MayGoOffline(string file) => !_reached && _cache.ReadRef(id.Revision) is { } commit && _cache.Has(commit, file);

    private void GoOffline(HubException reason)
    {
        _offline = reason;
        _commit ??= _cache.ReadRef(id.Revision) ?? throw Missing($"snapshot of {id.Revision}");
    }

    private static void Note(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A cache that has the files may be one that can't be written to.
        }
    }

    private HubException Missing(string files) => _offline is { } reason
        ? new HubException(reason.Error, $"{reason.Message.TrimEnd('.')}. The cache '{options.CacheFolder}' has of {id.Name} no {files}.", reason)
        {
            StatusCode = reason.StatusCode,
        }
        : new HubException(HubError.FileNotFound, $"{id.Name} at {id.Revision} has no {files}.");

    private static long SizeOf(string path)
    {
        using var handle = File.OpenHandle(path);
        return RandomAccess.GetLength(handle);
    }
}
