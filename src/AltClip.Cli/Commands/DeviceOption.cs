using System.CommandLine;
using AltClip.Native;
using TorchSharp;

namespace AltClip.Cli.Commands;

/// <summary><c>--device</c></summary>
internal sealed class DeviceOption : Option<string>
{
    private const string Processor = "cpu";
    private const string Gpu = "cuda";

    public DeviceOption() : base("--device")
    {
        Description = "Where to compute: on the processor, or on the first NVIDIA GPU, for which the tool must be built with TorchSharp-cuda-linux.";
        HelpName = $"{Processor}|{Gpu}";
        DefaultValueFactory = _ => Processor;
        AcceptOnlyFromAmong(Processor, Gpu);
    }

    /// <summary>The device that was asked for; null for the processor.</summary>
    /// <exception cref="NotSupportedException">There is no GPU, or the tool is not built for it.</exception>
    public torch.Device? Read(ParseResult parsed)
    {
        if (parsed.GetValue(this) != Gpu) return null;
        TorchRuntime.EnsureLoaded();
        return torch.cuda.is_available() ? torch.CUDA
            : throw new NotSupportedException("There is no GPU for --device cuda; expected an NVIDIA GPU and a tool built with TorchSharp-cuda-linux.");
    }
}
