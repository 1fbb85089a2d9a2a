using AltClip.Inference.Kernels;
using Xunit;

namespace AltClip.Tests;

/// <summary>Runs cases of inference on every kernel that supports them here.</summary>
internal static class InferenceKernels
{
    /// <summary>The names of those that support both encoders of a model.</summary>
    public static string[] Of(AltCLIPModel model, InferencePrecision precision = InferencePrecision.Float32)
    {
        var device = model.logit_scale.device;
        return [.. EncoderKernels.Supported(EncoderSpec.Text(model), precision, device)
            .Intersect(EncoderKernels.Supported(EncoderSpec.Image(model), precision, device)).Select(kernel => kernel.Name)];
    }

    /// <summary>Runs a case on each; what fails is shown with the kernel's name.</summary>
    public static void ForEachKernel(this AltCLIPModel model, Action<AltCLIPInference> test, InferencePrecision precision = InferencePrecision.Float32) =>
        Assert.All(Of(model, precision), kernel =>
        {
            using var inference = model.ForInference(new() { Kernel = kernel, Precision = precision });
            test(inference);
        });
}
