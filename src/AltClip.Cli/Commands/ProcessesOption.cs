using System.CommandLine;
using AltClip.Training.Distributed;
using TorchSharp;

namespace AltClip.Cli.Commands;

/// <summary><c>--processes N</c>, or what torchrun's and SLURM's variables say.</summary>
internal sealed class ProcessesOption : Option<int?>
{
    public ProcessesOption() : base("--processes")
    {
        Description = "How many processes of this machine train together, each with batches of its own. Default: those that torchrun or srun started, else one.";
        HelpName = "N";
    }

    /// <summary>How many processes are to be started, of which none is this one; null for none.</summary>
    /// <exception cref="UsageException">The number has no sense, or is not that of the processes that were started already.</exception>
    /// <exception cref="ArgumentException">The variables have no sense.</exception>
    public int? ToLaunch(ParseResult parsed)
    {
        if (parsed.GetValue(this) is not { } count) return null;
        if (count is < 1 or > 1024) throw new UsageException($"{Name} is {count}; expected 1 to 1024.");
        if (ProcessGroupOptions.FromEnvironment() is not { } started) return count == 1 ? null : count;
        return started.WorldSize == count ? null
            : throw new UsageException($"{Name} is {count}, but this is one of {started.WorldSize} processes; expected that number, or the option left out.");
    }

    /// <summary>Joins the processes that were started together.</summary>
    /// <param name="started">Which process this is; null where it is alone.</param>
    /// <param name="device">Where it computes; null for the processor.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Their group, which the caller disposes; null where this process is alone.</returns>
    /// <inheritdoc cref="ProcessGroup.Join" path="/exception"/>
    public static ProcessGroup? Join(ProcessGroupOptions? started, torch.Device? device, CancellationToken cancellationToken) => started is null ? null
        : ProcessGroup.Join(started with { Device = device is { type: DeviceType.CUDA } && ProcessGroup.IsNcclAvailable ? device : null }, cancellationToken);
}
