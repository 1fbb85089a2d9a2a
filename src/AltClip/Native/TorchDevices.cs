using System.Text.RegularExpressions;
using TorchSharp;

namespace AltClip.Native;

/// <summary>The devices that libtorch can compute on here, by the names that PyTorch gives them.</summary>
public static partial class TorchDevices
{
    /// <summary>What a name may be, for messages.</summary>
    internal const string Forms = "cpu, cuda, cuda:N or mps";

    /// <summary>
    /// The devices there are: <c>cpu</c>; <c>cuda:0</c>, <c>cuda:1</c> … for NVIDIA's GPUs, where the app references a package of libtorch for them;
    /// <c>mps</c> for Apple's.
    /// </summary>
    /// <exception cref="DllNotFoundException">TorchSharp's native library can't be loaded.</exception>
    public static IReadOnlyList<string> Available
    {
        get
        {
            TorchRuntime.EnsureLoaded();
            var gpus = torch.cuda.is_available() ? torch.cuda.device_count() : 0;
            return ["cpu", .. Enumerable.Range(0, gpus).Select(i => $"cuda:{i}"), .. torch.mps_is_available() ? (string[])["mps"] : []];
        }
    }

    /// <summary>Whether something has the form of a device's name: <c>cpu</c>, <c>cuda</c>, <c>cuda:1</c>, <c>mps</c>. It does not load libtorch.</summary>
    public static bool IsName(string? name) => name is not null && Pattern().IsMatch(name);

    /// <summary>The device of a name, as a configuration or a command line gives it. <c>cuda</c> is the first GPU.</summary>
    /// <param name="name">The name; upper and lower case are the same.</param>
    /// <exception cref="ArgumentException">It is no device's name.</exception>
    /// <exception cref="NotSupportedException">The machine, or the libtorch that the app references, has no such device; the message names those there are.</exception>
    /// <exception cref="DllNotFoundException">TorchSharp's native library can't be loaded.</exception>
    public static torch.Device Get(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!IsName(name)) throw new ArgumentException($"The device is '{name}'; expected {Forms}.", nameof(name));
        Require(name, Available);
        return torch.device(name.ToLowerInvariant());
    }

    /// <exception cref="NotSupportedException">The device is not among those there are.</exception>
    internal static void Require(string name, IReadOnlyList<string> available)
    {
        var isCuda = name.StartsWith("cuda", StringComparison.OrdinalIgnoreCase);
        var wanted = name.Equals("cuda", StringComparison.OrdinalIgnoreCase) ? "cuda:0" : name;
        if (available.Contains(wanted, StringComparer.OrdinalIgnoreCase)) return;
        var needs = isCuda && !available.Contains("cuda:0")
            ? " An NVIDIA GPU needs its driver, and an app that references TorchSharp-cuda-linux or TorchSharp-cuda-windows in place of TorchSharp-cpu."
            : "";
        throw new NotSupportedException($"There is no device {name} here; there is {string.Join(", ", available)}.{needs}");
    }

    [GeneratedRegex(@"^(cpu|cuda(:(0|[1-9][0-9]{0,2}))?|mps)\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
