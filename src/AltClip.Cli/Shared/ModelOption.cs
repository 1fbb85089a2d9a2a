using System.CommandLine;

namespace AltClip.Cli;

/// <summary><c>--model</c> of every command that needs one.</summary>
internal sealed class ModelOption : Option<string?>
{
    public ModelOption() : base("--model", "-m")
    {
        Description = "A model: a folder, or owner/name[@revision] on the Hugging Face Hub. Default: the model that comes with the tool.";
        HelpName = "FOLDER|ID";
    }

    /// <summary>The adapters that are put into it; <see cref="CliCommand"/> adds these with this option.</summary>
    public AdapterOption Adapter { get; } = new();

    /// <summary>The folder of the model that was asked for, downloaded if it has to be.</summary>
    /// <exception cref="IOException">There is none, or it can't be downloaded.</exception>
    public Task<string> LocateAsync(ParseResult parsed, CliConsole console, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(this) is { } model) return HubDownload.LocateAsync(console, model, cancellationToken);
        console.Note(BuiltInModel.Notice);
        return Task.FromResult(BuiltInModel.Folder);
    }

    /// <summary>Loads the model that was asked for, with its adapters in it and all in front of it.</summary>
    /// <exception cref="IOException">There is none, it can't be downloaded, or its files can't be read.</exception>
    /// <exception cref="ConfigurationException">The configuration can't be read.</exception>
    /// <exception cref="TokenizerException">The tokenizer can't be read.</exception>
    /// <exception cref="ConfigurationException">The image settings can't be read.</exception>
    public async Task<AltCLIPPipeline> LoadAsync(
        ParseResult parsed, CliConsole console, AltCLIPPipelineOptions options, CancellationToken cancellationToken)
    {
        var folder = await LocateAsync(parsed, console, cancellationToken);
        var adapted = options with { Adapters = await Adapter.LocateAsync(parsed, cancellationToken) };
        return await console.WithStatusAsync("Loading the model", () => Task.Run(() => AltCLIPPipeline.FromPretrained(folder, adapted), cancellationToken));
    }
}
