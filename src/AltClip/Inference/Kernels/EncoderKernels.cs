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

    /// <summary>All kernels; the last supports everything.</summary>
    public static IReadOnlyList<IEncoderKernel> All { get; } =
    [
        new PanelsKernel(PanelInstructions.OfAvx512),
        new PanelsKernel(PanelInstructions.OfAvx2),
        new OneDnnKernel(),
        new LibtorchKernel(),
    ];

    /// <summary>Those that can run an encoder here, in the precision or in a higher one.</summary>
    public static IReadOnlyList<IEncoderKernel> Supported(EncoderSpec encoder, InferencePrecision precision, Device device) =>
        [.. Candidates(encoder, precision, device).Select(candidate => candidate.Kernel).Distinct()];

    /// <summary>The kernel that is asked for, in the options or else by <see cref="Variable"/>; the one measured to be the fastest if none is.</summary>
    /// <exception cref="ArgumentException">There is no such kernel, or it can't run this encoder here.</exception>
    public static EncoderCandidate Choose(EncoderSpec encoder, InferenceOptions options, Device device)
    {
        var candidates = Candidates(encoder, options.Precision, device);
        if (Name(options) is { } name)
        {
            var supported = candidates.Select(candidate => candidate.Kernel.Name).Distinct();
            candidates = [.. candidates.Where(candidate => candidate.Kernel.Name.Equals(name, StringComparison.OrdinalIgnoreCase))];
            if (candidates.Count == 0)
            {
                throw new ArgumentException(
                    $"{(options.Kernel is null ? Variable : nameof(InferenceOptions.Kernel))} is '{name}'; expected one that supports the {encoder.Tower} encoder in "
                        + $"{options.Precision} on {device}: {string.Join(", ", supported)}.",
                    nameof(options));
            }
        }
        return KernelContest.Winner(encoder, Contenders(candidates), device);
    }

    /// <summary>
    /// Those worth measuring: of the precision asked for or, where only libtorch's ordinary products have it, which then are slow on most
    /// processors, of all higher ones too.
    /// </summary>
    internal static IReadOnlyList<EncoderCandidate> Contenders(IReadOnlyList<EncoderCandidate> candidates)
    {
        EncoderCandidate[] narrowest = [.. candidates.Where(candidate => candidate.Precision == candidates[0].Precision)];
        return narrowest.Any(candidate => candidate.Kernel is not LibtorchKernel) ? narrowest : candidates;
    }

    /// <summary>All ways there are, those in the precision asked for first.</summary>
    internal static IReadOnlyList<EncoderCandidate> Candidates(EncoderSpec encoder, InferencePrecision precision, Device device)
    {
        var candidates = new List<EncoderCandidate>();
        for (var computed = precision; computed >= InferencePrecision.Float32; computed--)
        {
            var here = computed;
            candidates.AddRange(All.Where(kernel => kernel.Supports(encoder, here, device)).Select(kernel => new EncoderCandidate(kernel, here)));
        }
        return candidates;
    }

    private static string? Name(InferenceOptions options) =>
        options.Kernel ?? (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } name ? name : null);
}
