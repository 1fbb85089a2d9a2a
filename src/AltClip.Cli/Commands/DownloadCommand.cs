using System.CommandLine;

namespace AltClip.Cli.Commands;

/// <summary><c>altclip download MODEL…</c></summary>
internal static class DownloadCommand
{
    public static Command Create(CliConsole console)
    {
        var models = new Argument<string[]>("MODEL") { Description = "Models on the Hugging Face Hub: owner/name, or owner/name@revision.", Arity = ArgumentArity.OneOrMore };
        var json = new JsonOption();
        var command = new CliCommand(
            "download", "Downloads models into the cache of huggingface_hub, for use without a network, and says where they are. Goes on where an earlier download was stopped.",
            "altclip download BAAI/AltCLIP",
            "HF_ENDPOINT=https://hf-mirror.com altclip download BAAI/AltCLIP-m18")
        {
            models, json,
        };
        command.SetJob(console, async (parsed, cancellationToken) =>
        {
            List<Downloaded> done = [];
            foreach (var model in parsed.GetRequiredValue(models))
            {
                if (Path.Exists(model)) throw new UsageException($"{model} is a folder or file of this machine; expected owner/name on the Hub.");
                done.Add(new Downloaded(model, await HubDownload.GetAsync(console, model, cancellationToken)));
                if (!parsed.GetValue(json)) console.WritePath(done[^1].Folder, '\n');
            }
            if (parsed.GetValue(json)) console.WriteJson(done);
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>A model and its folder in the cache.</summary>
    private sealed record Downloaded(string Model, string Folder);
}
