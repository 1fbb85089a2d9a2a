using AltClip.Shared;
using static TorchSharp.torch;

namespace AltClip.Inference.Kernels.Libtorch;

/// <summary>Copies of a linear layer's or a layer norm's parameters.</summary>
internal sealed class LibtorchPart : IDisposable
{
    private readonly Tensor _weight;
    private readonly Tensor? _bias;

    /// <param name="weight">The weight.</param>
    /// <param name="bias">The bias, or null.</param>
    /// <param name="like">Of the type and on the device that the copies are to have.</param>
    /// <param name="factor">On the weight.</param>
    public LibtorchPart(Tensor weight, Tensor? bias, Tensor like, double factor = 1)
    {
        using var scope = NewDisposeScope();
        _weight = (factor == 1 ? weight.detach() : weight.Times(factor)).to(like.dtype, like.device, copy: true).DetachFromDisposeScope();
        _bias = bias?.detach().to(like.dtype, like.device, copy: true).DetachFromDisposeScope();
    }

    /// <summary>x W^T + b, and the other term.</summary>
    public Tensor Linear(Tensor x, Tensor? other = null)
    {
        var result = nn.functional.linear(x, _weight, _bias);
        return other is null ? result : result.Plus_(other);
    }

    /// <summary>The layer norm of rows.</summary>
    public Tensor Norm(Tensor x, double eps) => nn.functional.layer_norm(x, _weight.shape, _weight, _bias, eps);

    public void Dispose()
    {
        _weight.Dispose();
        _bias?.Dispose();
    }
}
