using AltClip.Inference.Kernels.Libtorch;
using AltClip.Inference.Kernels.OneDnn;
using AltClip.Inference.Kernels.Panels;
using static TorchSharp.torch;

namespace AltClip.Inference.Kernels;

/// <summary>The kernels there are, and which of them runs an encoder.</summary>
internal static class EncoderKernels
{
    /// <summary>The environment variable that names the kernel where <see cref="InferenceOptions.Kernel"/> doesn't.</summary>
    public const string Variable = "ALTCLIP_KERNEL";

    /// <summary>All kernels, in the order in which they are preferred; the last supports everything.</summary>
    public static IReadOnlyList<IEncoderKernel> All { get; } =
    [
        new PanelsKernel(PanelInstructions.OfAvx512),
        new PanelsKernel(PanelInstructions.OfAvx2),
        new OneDnnKernel(),
        new LibtorchKernel(),
    ];

    /// <summary>Those that can run an encoder here.</summary>
    public static IReadOnlyList<IEncoderKernel> Supported(EncoderSpec encoder, InferencePrecision precision, Device device) =>
        [.. All.Where(kernel => kernel.Supports(encoder, precision, device))];

    /// <summary>The kernel that is asked for, in the options or else by <see cref="Variable"/>; the preferred one if none is.</summary>
    /// <exception cref="ArgumentException">There is no such kernel, or it can't run this encoder here.</exception>
    public static IEncoderKernel Choose(EncoderSpec encoder, InferenceOptions options, Device device)
    {
        var supported = Supported(encoder, options.Precision, device);
        var variable = Environment.GetEnvironmentVariable(Variable);
        if ((options.Kernel ?? variable) is not { } name || (options.Kernel is null && name.Length == 0)) return supported[0];
        return supported.FirstOrDefault(kernel => kernel.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? throw new ArgumentException(
            $"{(options.Kernel is null ? Variable : nameof(InferenceOptions.Kernel))} is '{name}'; expected one that supports the {encoder.Tower} encoder in "
                + $"{options.Precision} on {device}: {string.Join(", ", supported.Select(kernel => kernel.Name))}.",
            nameof(options));
    }
}
