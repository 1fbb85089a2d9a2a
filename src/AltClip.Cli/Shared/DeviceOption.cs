using System.CommandLine;
using AltClip.Native;
using TorchSharp;

namespace AltClip.Cli;

/// <summary><c>--device</c> of every command that computes with a model.</summary>
internal sealed class DeviceOption : Option<string>
{
    private const string Processor = "cpu";

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

    /// <summary>Where <c>cuda</c> is asked for, each process of a machine takes a GPU of its own, or the one that its job lets it see.</summary>
    internal static string OfProcess(string name, int? localRank, IReadOnlyList<string> available)
    {
        var gpus = available.Count(device => device.StartsWith("cuda:", StringComparison.Ordinal));
        return localRank is { } rank && gpus > 0 && name.Equals("cuda", StringComparison.OrdinalIgnoreCase) ? $"cuda:{rank % gpus}" : name;
    }
}
