using System.CommandLine;
using AltClip.Native;
using TorchSharp;

namespace AltClip.Cli;

/// <summary><c>--device</c> of every command that computes with a model.</summary>
internal sealed class DeviceOption : Option<string>
{
    private const string Processor = "cpu";
    private const string Gpu = "cuda";

    public DeviceOption() : base("--device")
    {
        Description = "Where to compute: on the processor; on an NVIDIA GPU, for which the tool must be built with TorchSharp-cuda-linux; or on Apple's GPU.";
        HelpName = "cpu|cuda|cuda:N|mps";
        DefaultValueFactory = _ => Processor;
        Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && !TorchDevices.IsName(result.Tokens[0].Value))
                result.AddError($"{Name} is '{result.Tokens[0].Value}'; expected {TorchDevices.Forms}.");
        });
    }

    /// <summary>The device that was asked for; null for the processor.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="localRank">The number of this process among those of its machine that work together; null for one alone.</param>
    /// <exception cref="NotSupportedException">There is no such device; the message names those there are.</exception>
    public torch.Device? Read(ParseResult parsed, int? localRank = null)
    {
        var name = parsed.GetRequiredValue(this);
        return name.Equals(Processor, StringComparison.OrdinalIgnoreCase) ? null : TorchDevices.Get(OfProcess(name, localRank, TorchDevices.Available));
    }

    /// <summary>Makes sure that each of some processes of this machine gets a GPU of its own, where they are to compute on one.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="processes">How many there will be.</param>
    /// <exception cref="UsageException">One would have none; the message says why.</exception>
    /// <exception cref="NotSupportedException">There is no such device; the message names those there are.</exception>
    public void CheckFor(ParseResult parsed, int processes)
    {
        if (Read(parsed) is not null) CheckFor(parsed.GetRequiredValue(this), processes, TorchDevices.Available);
    }

    internal static void CheckFor(string name, int processes, IReadOnlyList<string> available)
    {
        if (!name.StartsWith(Gpu, StringComparison.OrdinalIgnoreCase)) return;
        if (!name.Equals(Gpu, StringComparison.OrdinalIgnoreCase))
            throw new UsageException($"--device is {name}, but there are to be {processes} processes; expected {Gpu}, by which each takes a GPU of its own.");
        if (processes > Gpus(available))
            throw new UsageException($"There are to be {processes} processes, but there are {Gpus(available)} GPUs; expected no more processes than that, so that each has its own.");
    }

    /// <summary>Where <c>cuda</c> is asked for, each process of a machine takes a GPU of its own, or the one that its job lets it see.</summary>
    internal static string OfProcess(string name, int? localRank, IReadOnlyList<string> available) =>
        localRank is { } rank && Gpus(available) > 0 && name.Equals(Gpu, StringComparison.OrdinalIgnoreCase) ? $"{Gpu}:{rank % Gpus(available)}" : name;

    private static int Gpus(IReadOnlyList<string> available) => available.Count(device => device.StartsWith(Gpu, StringComparison.Ordinal));
}
