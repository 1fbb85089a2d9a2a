using AltClip.Hub;
using AltClip.Modeling.Adapters;
using Spectre.Console;

namespace AltClip.Cli;

/// <summary>Downloads models with a bar for each file.</summary>
internal static class HubDownload
{
    /// <summary>The folder that a user means: one on disk, or that of a model of the Hub, downloaded where the cache lacks it.</summary>
    /// <param name="console">The console.</param>
    /// <param name="folderOrId">A folder, or <c>owner/name[@revision]</c>.</param>
    /// <param name="cancellationToken">Stops; what has come so far is kept for the next time.</param>
    /// <exception cref="DirectoryNotFoundException">It is neither.</exception>
    /// <exception cref="HubException">The model can't be had.</exception>
    public static Task<string> LocateAsync(CliConsole console, string folderOrId, CancellationToken cancellationToken) =>
        LocateAsync(console, folderOrId, AltCLIPPipeline.Files, cancellationToken);

    /// <inheritdoc cref="LocateAsync(CliConsole, string, CancellationToken)"/>
    /// <param name="console">The console.</param>
    /// <param name="folderOrId">A folder, or <c>owner/name[@revision]</c>.</param>
    /// <param name="files">The files that are wanted, where it isn't a whole model.</param>
    /// <param name="cancellationToken">Stops; what has come so far is kept for the next time.</param>
    public static async Task<string> LocateAsync(
        CliConsole console, string folderOrId, IReadOnlyList<HubFileGroup> files, CancellationToken cancellationToken)
    {
        if (Path.Exists(folderOrId))
        {
            if (!ReferenceEquals(files, LoraFiles.Files)) RefuseAdapter(folderOrId);
            return folderOrId;
        }
        RefuseMistyped(folderOrId);
        if (!HubClient.IsModelId(folderOrId))
        {
            throw new DirectoryNotFoundException(
                $"There is no folder '{folderOrId}', and it is no id of a model on the Hub; expected owner/name or owner/name@revision.");
        }
        try
        {
            return await GetAsync(console, HubModelId.Parse(folderOrId, null), files, cancellationToken);
        }
        catch (HubException e) when (e.Error is HubError.ModelNotFound or HubError.Forbidden or HubError.Unreachable or HubError.Offline)
        {
            throw new DirectoryNotFoundException($"There is no folder '{folderOrId}', and as a model on the Hub: {e.Message}", e);
        }
    }

    /// <summary>The folder of a model of the Hub, downloaded where the cache lacks it.</summary>
    /// <param name="console">The console.</param>
    /// <param name="id"><c>owner/name[@revision]</c>.</param>
    /// <param name="cancellationToken">Stops; what has come so far is kept for the next time.</param>
    /// <exception cref="UsageException">It is no id.</exception>
    /// <exception cref="HubException">The model can't be had.</exception>
    public static Task<string> GetAsync(CliConsole console, string id, CancellationToken cancellationToken) => HubClient.IsModelId(id)
        ? GetAsync(console, HubModelId.Parse(id, null), AltCLIPPipeline.Files, cancellationToken)
        : throw new UsageException($"'{id}' is no id of a model on the Hub; expected owner/name or owner/name@revision.");

    private static async Task<string> GetAsync(CliConsole console, HubModelId id, IReadOnlyList<HubFileGroup> files, CancellationToken cancellationToken)
    {
        console.Kept = () => "Stopped; what was downloaded is kept, and the next download goes on from it.";
        var folder = await DownloadAsync(console, id, files, cancellationToken);
        console.Kept = null;
        return folder;
    }

    /// <summary>Who gives an adapter's folder for a model's is told so, and not of files that it lacks.</summary>
    private static void RefuseAdapter(string folder)
    {
        if (File.Exists(Path.Combine(folder, LoraConfigFile.Name)) && !File.Exists(Path.Combine(folder, "config.json")))
            throw new UsageException($"{folder} is an adapter, and no model; expected it as --adapter {folder}, beside the model that it is for.");
    }

    /// <summary>Where the folder is there that a path is in, the path is one of this machine: nobody waits for the Hub to know no such model.</summary>
    private static void RefuseMistyped(string path)
    {
        if (path.Contains('@') || Path.GetDirectoryName(path) is not { Length: > 0 } parent || !Directory.Exists(parent)) return;
        var siblings = new DirectoryInfo(parent).EnumerateDirectories().Select(sibling => Path.Combine(parent, sibling.Name));
        throw new DirectoryNotFoundException($"There is no folder '{path}': {parent} has no {Path.GetFileName(path)}.{Suggestion.Of(path, siblings)}"
            + (HubClient.IsModelId(path) ? $" The model of that name on the Hub is {path}@main." : ""));
    }

    private static Task<string> DownloadAsync(
        CliConsole console, HubModelId id, IReadOnlyList<HubFileGroup> files, CancellationToken cancellationToken) => console
        .Bars(new PercentageColumn(), new DownloadedColumn(), new RemainingTimeColumn(), new TransferSpeedColumn())
        .StartAsync(context =>
        {
            var bars = new Dictionary<string, ProgressTask>();
            // On a screen without any bar there would be three dots.
            var asking = console.Messages.Profile.Capabilities.Interactive ? context.AddTask("Asking the Hub") : null;
            asking?.IsIndeterminate = true;
            var progress = new ImmediateProgress<HubProgress>(state =>
            {
                ProgressTask? bar;
                lock (bars)
                {
                    if (!bars.TryGetValue(state.File, out bar))
                    {
                        bars.Add(state.File, bar = asking ?? context.AddTask(Markup.Escape(state.File)));
                        bar.Description = Markup.Escape(state.File);
                        bar.IsIndeterminate = false;
                        asking = null;
                    }
                }
                bar.MaxValue = state.BytesTotal;
                bar.Value = state.BytesDone;
            });
            var retrying = new ImmediateProgress<HubRetry>(retry => console.Note(
                $"{retry.Error.Message.TrimEnd('.')}. Trying again in {Math.Ceiling(retry.Wait.TotalSeconds):f0} s ({retry.Attempt} of {retry.Attempts})."));
            return new HubClient(new HubOptions { Progress = progress, Retrying = retrying }).DownloadAsync(id, files, cancellationToken);
        });
}
