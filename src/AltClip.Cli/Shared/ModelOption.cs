using System.CommandLine;

namespace AltClip.Cli;

/// <summary><c>--model</c> of every command that needs one.</summary>
internal sealed class ModelOption : Option<string?>
{
    /// <summary>The model where none is given.</summary>
    public const string Variable = "ALTCLIP_MODEL";

    public ModelOption() : base("--model", "-m")
    {
        Description = $"A model: a folder, or owner/name[@revision] on the Hugging Face Hub. Default: ${Variable}, else the model that comes with the tool.";
        HelpName = "FOLDER|ID";
    }

    /// <summary>The adapters that are put into it; <see cref="CliCommand"/> adds these with this option.</summary>
    public AdapterOption Adapter { get; } = new();

    /// <summary>The model of <c>ALTCLIP_MODEL</c>; null where it names none.</summary>
    public static string? OfEnvironment => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } name ? name : null;

    /// <summary>The model that was typed, wholly or in part.</summary>
    /// <param name="parsed">What was typed.</param>
    /// <param name="remembered">What a store remembers, which says what was not typed; null without one.</param>
    /// <exception cref="UsageException">There are not as many weights as adapters.</exception>
    public ModelChoice Read(ParseResult parsed, ModelChoice? remembered = null)
    {
        var (typed, adapters) = (parsed.GetValue(this), Adapter.Read(parsed));
        if (typed is not null) return new(typed, adapters);
        if (remembered is not null) return adapters.Count > 0 ? remembered with { Adapters = adapters } : remembered;
        return new(OfEnvironment, adapters);
    }

    /// <summary>The folder of the model that was asked for, downloaded if it has to be.</summary>
    /// <exception cref="IOException">There is none, or it can't be downloaded.</exception>
    public Task<string> LocateAsync(ParseResult parsed, CliConsole console, CancellationToken cancellationToken) =>
        Read(parsed).LocateAsync(console, cancellationToken);

    /// <inheritdoc cref="ModelChoice.LoadAsync"/>
    public Task<AltCLIPPipeline> LoadAsync(
        ParseResult parsed, CliConsole console, AltCLIPPipelineOptions options, CancellationToken cancellationToken) =>
        Read(parsed).LoadAsync(console, options, cancellationToken);
}
