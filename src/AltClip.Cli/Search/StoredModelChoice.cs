using System.Text.Json;
using AltClip.Search;

namespace AltClip.Cli;

/// <summary>The model that a store's embeddings are of, as the store remembers where it is.</summary>
internal static class StoredModelChoice
{
    private const string Setting = "model";

    /// <summary>Has a store remember its model.</summary>
    public static async Task RememberAsync(IImageStore store, ModelChoice model, CancellationToken cancellationToken)
    {
        var (value, settings) = (model.ToJson(), await store.GetSettingsAsync(cancellationToken));
        if (settings.GetValueOrDefault(Setting) != value) await store.SetSettingAsync(Setting, value, cancellationToken);
    }

    /// <summary>Loads the model that a store remembers; says so where it isn't there any more.</summary>
    /// <exception cref="IOException">There is none, it can't be downloaded, or its files can't be read.</exception>
    /// <exception cref="AltClipException">Its files are not as they have to be.</exception>
    public static async Task<AltCLIPPipeline> LoadAsync(
        IImageStore store, ModelChoice choice, CliConsole console, AltCLIPPipelineOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return await choice.LoadAsync(console, options, cancellationToken);
        }
        catch (DirectoryNotFoundException e)
        {
            throw new DirectoryNotFoundException($"{e.Message} The store {store.Name} has embeddings of it; --model says where it is now, in a folder of the same name.", e);
        }
    }

    /// <summary>A store's model; null if only its name is known, and that says nothing of where it is.</summary>
    public static async Task<ModelChoice?> ReadAsync(IImageStore store, CancellationToken cancellationToken)
    {
        var settings = await store.GetSettingsAsync(cancellationToken);
        try
        {
            if (settings.TryGetValue(Setting, out var json) && ModelChoice.FromJson(json) is var model && IsOf(store, model)) return model;
        }
        catch (JsonException)
        {
            // Another program's setting of this name.
        }
        return store.Model.Id switch
        {
            BuiltInModel.Name => new(null, []),
            var id when id.Contains('/') && !id.Contains(" + ", StringComparison.Ordinal) => new(id, []),
            _ => null,
        };
    }

    // The folder's last part is the name also where there is no such folder any more.
    private static bool IsOf(IImageStore store, ModelChoice model) =>
        model.Name == store.Model.Id || model.FolderOrId is { } folder && Path.IsPathRooted(folder) && (model with { FolderOrId = Path.GetFileName(folder) }).Name == store.Model.Id;
}
