using System.CommandLine;
using AltClip.Modeling.Adapters;

namespace AltClip.Cli.Commands;

/// <summary>The options of <c>altclip train</c> for low-rank adapters.</summary>
internal sealed class LoraSettings
{
    private readonly Option<bool> _lora = new("--lora") { Description = "Train low-rank adapters (LoRA) and not the model's own weights; the output is the adapter alone, as peft's, for --adapter." };
    private readonly Option<int> _rank = new("--lora-rank") { Description = "The adapters' rank.", HelpName = "N", DefaultValueFactory = _ => new LoraOptions().Rank };
    private readonly TextsOption _targets = new("--lora-targets")
    {
        Description = "Names of linear layers that get an adapter, * for any characters. Default: queries and values of both encoders.",
        HelpName = "PATTERN",
    };
    private readonly Option<bool> _merge = new("--merge") { Description = "With --lora: write a whole model, with the adapter in its weights." };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _lora, _rank, _targets, _merge }) command.Add(option);
    }

    /// <summary>Refuses what doesn't go together.</summary>
    /// <exception cref="UsageException">It doesn't.</exception>
    public void Check(ParseResult parsed)
    {
        if (parsed.GetValue(_rank) < 1) throw new UsageException("--lora-rank: expected a number above zero.");
        if (parsed.GetValue(_lora)) return;
        foreach (var option in new Option[] { _rank, _targets, _merge })
        {
            if (parsed.GetResult(option) is { Implicit: false }) throw new UsageException($"{option.Name} goes with --lora.");
        }
    }

    /// <summary>What was asked for; null for no adapters.</summary>
    public LoraRequest? Read(ParseResult parsed)
    {
        if (!parsed.GetValue(_lora)) return null;
        var options = new LoraOptions { Rank = parsed.GetValue(_rank) };
        return new(parsed.GetValue(_targets) is { Length: > 0 } targets ? options with { Targets = targets } : options, parsed.GetValue(_merge));
    }
}

/// <summary>Adapters to train.</summary>
internal sealed record LoraRequest(LoraOptions Options, bool Merge);
