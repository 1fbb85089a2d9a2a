using static TorchSharp.torch;

namespace AltClip.Inference.Kernels.Panels;

/// <summary>What <see cref="PanelRows"/> know of a product's inputs before they see them.</summary>
internal sealed unsafe class PanelCalibration : IDisposable
{
    private readonly PanelMemory? _factors;

    /// <param name="mean">The inputs' mean, divided as they are: float32 [inputs].</param>
    /// <param name="divisors">What inputs are divided by when they are packed, [inputs]; null where what makes them did that.</param>
    /// <param name="range">The least and the greatest of them; null where each row's own are found.</param>
    public PanelCalibration(Tensor mean, Tensor? divisors, (float Low, float High)? range)
    {
        Mean = mean.data<float>().ToArray();
        Range = range;
        if (divisors is null) return;
        using var factors = divisors.reciprocal();
        var count = (int)factors.numel();
        _factors = new PanelMemory();
        factors.data<float>().CopyTo(new Span<float>(_factors.Reserve(count), count));
    }

    /// <summary>The inputs' mean: [inputs].</summary>
    public float[] Mean { get; }

    /// <summary>What inputs are multiplied by: [inputs], or null.</summary>
    public float* Factors => _factors is null ? null : (float*)_factors.Start;

    public (float Low, float High)? Range { get; }

    public void Dispose() => _factors?.Dispose();
}
