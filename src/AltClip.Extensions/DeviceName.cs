using System.Text.RegularExpressions;
using AltClip.Native;
using TorchSharp;

namespace AltClip.Extensions;

/// <summary>Devices as PyTorch writes them. Checking a name does not load libtorch.</summary>
internal static partial class DeviceName
{
    public static bool IsValid(string? name) => name is not null && Pattern().IsMatch(name);

    /// <exception cref="InvalidOperationException">The machine, or the libtorch that the app references, has no such device.</exception>
    public static torch.Device Parse(string name)
    {
        TorchRuntime.EnsureLoaded();
        return torch.device(name.ToLowerInvariant());
    }

    [GeneratedRegex("^(cpu|cuda(:[0-9]{1,3})?|mps)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
