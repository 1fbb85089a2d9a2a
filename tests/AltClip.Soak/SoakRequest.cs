using static TorchSharp.torch;

namespace AltClip.Soak;

/// <summary>One call, with what has to come of it.</summary>
/// <param name="Name">What reports call it.</param>
/// <param name="Inputs">How many texts or pictures it has.</param>
/// <param name="Encode">The call.</param>
/// <param name="Error">The exception that has to come of it; null for a result.</param>
internal sealed record SoakRequest(string Name, int Inputs, Func<AltCLIPPipeline, CancellationToken, Tensor> Encode, Type? Error = null)
{
    /// <summary>The numbers of the result.</summary>
    public float[] Run(AltCLIPPipeline pipeline, CancellationToken cancellationToken)
    {
        using var result = Encode(pipeline, cancellationToken);
        return result.data<float>().ToArray();
    }
}
