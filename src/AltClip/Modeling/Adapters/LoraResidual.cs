using AltClip.Shared;
using static TorchSharp.torch;

namespace AltClip.Modeling.Adapters;

/// <summary>
/// What is left of a weight matrix where an adapter's start took something out of it. <c>peft</c> takes it out again whenever it loads the
/// adapter, so that it isn't in any file.
/// </summary>
internal static class LoraResidual
{
    /// <summary>A matrix [outputs, inputs] without what an adapter of a rank and factor started with; float32.</summary>
    public static Tensor Of(Tensor weight, LoraStart start, int rank, double scale)
    {
        using var scope = NewDisposeScope();
        var matrix = weight.to(float32);
        return scope.MoveToOuter(matrix - (start == LoraStart.Pissa ? Largest(matrix, rank) : FirstColumns(matrix, rank).Times(scale)));
    }

    /// <summary>The part of the largest singular values. The adapter's factor is divided out of its matrices at their start.</summary>
    private static Tensor Largest(Tensor matrix, int rank)
    {
        var (left, values, right) = linalg.svd(matrix, fullMatrices: false);
        return (left[.., ..rank] * values[..rank]).mm(right[..rank]);
    }

    private static Tensor FirstColumns(Tensor matrix, int rank)
    {
        var (orthogonal, upper) = linalg.qr(matrix);
        return orthogonal[.., ..rank].mm(upper[..rank]);
    }
}
