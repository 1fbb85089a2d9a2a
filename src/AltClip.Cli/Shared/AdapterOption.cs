using System.CommandLine;
using AltClip.Modeling.Adapters;

namespace AltClip.Cli;

/// <summary><c>--adapter</c>, with <c>--adapter-weight</c>, of every command that loads a model.</summary>
internal sealed class AdapterOption : Option<string[]>
{
    /// <summary>The name of <see cref="Weight"/>.</summary>
    public const string WeightName = "--adapter-weight";

    public AdapterOption() : base("--adapter", "-a")
    {
        Description = "An adapter (LoRA, as peft or altclip train saves it) to put into the model: a folder, or owner/name[@revision]. May be given several times; they are summed.";
        HelpName = "FOLDER|ID";
    }

    /// <summary>How much of each adapter is put into the model.</summary>
    public Option<double[]> Weight { get; } = new(WeightName)
    {
        Description = "What an adapter's change is multiplied by, once for each --adapter and in their order. Default: 1.",
        HelpName = "NUMBER",
    };

    /// <summary>The adapters that were asked for, downloaded where they have to be.</summary>
    /// <exception cref="UsageException">There are not as many weights as adapters.</exception>
    /// <exception cref="IOException">There is no such adapter, or it can't be had.</exception>
    public Task<IReadOnlyList<AdapterSource>> LocateAsync(ParseResult parsed, CliConsole console, CancellationToken cancellationToken) =>
        LocateAsync(Read(parsed), console, cancellationToken);

    /// <summary>Adapters, downloaded where they have to be.</summary>
    /// <exception cref="IOException">There is no such adapter, or it can't be had.</exception>
    public static async Task<IReadOnlyList<AdapterSource>> LocateAsync(
        IReadOnlyList<AdapterSource> adapters, CliConsole console, CancellationToken cancellationToken)
    {
        List<AdapterSource> located = [];
        foreach (var adapter in adapters)
            located.Add(adapter with { FolderOrId = await HubDownload.LocateAsync(console, adapter.FolderOrId, LoraFiles.Files, cancellationToken) });
        return located;
    }

    /// <summary>The adapters that were typed.</summary>
    /// <exception cref="UsageException">There are not as many weights as adapters.</exception>
    public IReadOnlyList<AdapterSource> Read(ParseResult parsed)
    {
        var (adapters, weights) = (parsed.GetValue(this) ?? [], parsed.GetValue(Weight) ?? []);
        if (weights.Length > 0 && weights.Length != adapters.Length)
            throw new UsageException($"There are {adapters.Length} of {Name} and {weights.Length} of {Weight.Name}; expected as many, or no weights.");
        if (weights.Any(weight => !double.IsFinite(weight))) throw new UsageException($"{Weight.Name}: expected finite numbers.");
        return [.. adapters.Select((adapter, i) => new AdapterSource(adapter, weights.Length > 0 ? weights[i] : 1))];
    }
}
