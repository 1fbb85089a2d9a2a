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
    /// <exception cref="NotSupportedException">There is no such device; the message names those there are.</exception>
    public torch.Device? Read(ParseResult parsed)
    {
        var name = parsed.GetRequiredValue(this);
        return name.Equals(Processor, StringComparison.OrdinalIgnoreCase) ? null : TorchDevices.Get(name);
    }
}
