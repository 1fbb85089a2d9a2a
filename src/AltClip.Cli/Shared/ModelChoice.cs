using System.Text.Json;
using AltClip.Modeling.Adapters;

namespace AltClip.Cli;

/// <summary>A model with its adapters: as typed, as <c>ALTCLIP_MODEL</c> names it, or as a store remembers it.</summary>
/// <param name="FolderOrId">A folder, or a model of the Hub; null for the model that comes with the tool.</param>
/// <param name="Adapters">What is put into it.</param>
internal sealed record ModelChoice(string? FolderOrId, IReadOnlyList<AdapterSource> Adapters)
{
    /// <summary>What a store of its embeddings calls it.</summary>
    public string Name => (FolderOrId is null ? BuiltInModel.Name : LastPart(FolderOrId)) + string.Concat(Adapters.Select(
        adapter => FormattableString.Invariant($" + {(adapter.Weight == 1 ? "" : $"{adapter.Weight} ")}{LastPart(adapter.FolderOrId)}")));

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="JsonException">It is something else.</exception>
    public static ModelChoice FromJson(string json)
    {
        var stored = JsonSerializer.Deserialize<Stored>(json) ?? throw new JsonException("null");
        return new(stored.Model, [.. (stored.Adapters ?? []).Select(adapter => new AdapterSource(adapter.Place, adapter.Weight))]);
    }

    /// <summary>The model as it can be found again from any folder.</summary>
    public string ToJson() => JsonSerializer.Serialize(new Stored(
        FolderOrId is null ? null : Place(FolderOrId), [.. Adapters.Select(adapter => new StoredAdapter(Place(adapter.FolderOrId), adapter.Weight))]));

    /// <summary>The model's folder, downloaded if it has to be.</summary>
    /// <exception cref="IOException">There is none, or it can't be downloaded.</exception>
    public Task<string> LocateAsync(CliConsole console, CancellationToken cancellationToken)
    {
        if (FolderOrId is not null) return HubDownload.LocateAsync(console, FolderOrId, cancellationToken);
        console.NoteOnce("emoji", BuiltInModel.Notice);
        return Task.FromResult(BuiltInModel.Folder);
    }

    /// <summary>Loads the model, with its adapters in it and all in front of it.</summary>
    /// <exception cref="IOException">There is none, it can't be downloaded, or its files can't be read.</exception>
    /// <exception cref="AltClipException">Its files are not as they have to be.</exception>
    public async Task<AltCLIPPipeline> LoadAsync(CliConsole console, AltCLIPPipelineOptions options, CancellationToken cancellationToken)
    {
        var folder = await LocateAsync(console, cancellationToken);
        var adapted = options with { Adapters = await AdapterOption.LocateAsync(Adapters, console, cancellationToken) };
        return await console.WithStatusAsync("Loading the model", () => Task.Run(() => AltCLIPPipeline.FromPretrained(folder, adapted), cancellationToken));
    }

    private static string LastPart(string folderOrId) => Directory.Exists(folderOrId) ? new DirectoryInfo(folderOrId).Name : folderOrId;

    private static string Place(string folderOrId) => Path.Exists(folderOrId) ? Path.GetFullPath(folderOrId) : folderOrId;

    private sealed record Stored(string? Model, IReadOnlyList<StoredAdapter>? Adapters);

    private sealed record StoredAdapter(string Place, double Weight);
}
