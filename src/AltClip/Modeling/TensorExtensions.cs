using AltClip.Shared;
using static TorchSharp.torch;

namespace AltClip;

/// <summary>Tensors as .NET arrays.</summary>
public static class TensorExtensions
{
    /// <summary>Copies a matrix.</summary>
    /// <param name="tensor">Any floating-point tensor [rows, columns], on any device.</param>
    /// <returns>Its numbers as float32.</returns>
    /// <exception cref="ArgumentException">The tensor doesn't have two dimensions.</exception>
    public static float[,] ToArray2D(this Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (tensor.dim() != 2)
            throw new ArgumentException($"The shape is {Check.Text(tensor.shape)}; expected [rows, columns].", nameof(tensor));
        if (tensor.numel() == 0) return new float[tensor.shape[0], tensor.shape[1]];
        using var scope = NewDisposeScope();
        return (float[,])tensor.detach().to(float32, CPU).data<float>().ToNDArray();
    }

    /// <summary>Copies the rows of a matrix [rows, columns] as float32.</summary>
    internal static float[][] ToRows(this Tensor tensor)
    {
        // TorchSharp's accessor does not read an empty tensor.
        if (tensor.numel() == 0) return [];
        using var scope = NewDisposeScope();
        var numbers = tensor.detach().to(float32, CPU).contiguous().data<float>().ToArray();
        return [.. numbers.Chunk((int)tensor.shape[1])];
    }

    /// <summary>Embeddings [rows, width] scaled to length one; their products are cosines.</summary>
    internal static Tensor ToUnitLength(this Tensor embeddings)
    {
        using var length = embeddings.norm(dim: -1, keepdim: true);
        return embeddings / length;
    }
}
