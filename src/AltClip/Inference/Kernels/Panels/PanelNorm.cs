using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Inference.Kernels.Panels;

/// <summary>A layer norm of rows.</summary>
internal sealed unsafe class PanelNorm : IDisposable
{
    private const int RowsAtOnce = 4;

    private readonly PanelMemory _weight = new(), _bias = new();
    private readonly double _eps;
    private readonly int _width;

    /// <summary>Copies a layer norm.</summary>
    /// <param name="norm">The norm.</param>
    /// <param name="eps">Its epsilon.</param>
    /// <param name="divisors">What its results are divided by, [width]; null for nothing.</param>
    public PanelNorm(LayerNorm norm, double eps, Tensor? divisors = null)
    {
        using var scope = NewDisposeScope();
        _eps = eps;
        _width = (int)norm.weight!.numel();
        Copy(divisors is null ? norm.weight! : norm.weight! / divisors, _weight);
        Copy(divisors is null ? norm.bias! : norm.bias! / divisors, _bias);
    }

    public void Run(WorkTeam team, float* x, float* result, int rows) => team.Run((rows + RowsAtOnce - 1) / RowsAtOnce, (_, item) =>
    {
        for (var row = item * RowsAtOnce; row < Math.Min(rows, (item + 1) * RowsAtOnce); row++)
        {
            var place = (nint)row * _width;
            PanelMath.Norm(x + place, result + place, _width, (float*)_weight.Start, (float*)_bias.Start, _eps);
        }
    });

    public void Dispose()
    {
        _weight.Dispose();
        _bias.Dispose();
    }

    private void Copy(Tensor parameter, PanelMemory target) =>
        parameter.detach().to(float32).cpu().contiguous().data<float>().CopyTo(new Span<float>(target.Reserve(_width), _width));
}
