using TorchSharp;
using static TorchSharp.torch;

namespace AltClip.Checkpoints;

/// <summary>What a checkpoint says of one of its tensors, known without reading its elements.</summary>
/// <param name="Name">The tensor's name in the checkpoint, such as <c>text_projection.weight</c>.</param>
/// <param name="DType">The type of its elements as stored.</param>
/// <param name="Shape">Its sizes; empty for a scalar.</param>
public sealed record SafeTensorInfo(string Name, ScalarType DType, IReadOnlyList<long> Shape)
{
    /// <summary>The number of elements: the product of <see cref="Shape"/>, 1 for a scalar.</summary>
    public long ElementCount => Shape.Aggregate(1L, (count, size) => count * size);

    /// <summary>The number of bytes that the elements take when laid out without gaps.</summary>
    public long ByteCount => ElementCount * DType.ElementSize();

    /// <summary>Equal names, types and sizes.</summary>
    /// <param name="other">The description to compare with.</param>
    /// <returns>Whether both describe the same tensor.</returns>
    public bool Equals(SafeTensorInfo? other) =>
        other is not null && Name == other.Name && DType == other.DType && Shape.SequenceEqual(other.Shape);

    /// <summary>A hash code that agrees with <see cref="Equals(SafeTensorInfo?)"/>.</summary>
    /// <returns>The hash code.</returns>
    public override int GetHashCode() => HashCode.Combine(Name, DType, Shape.Count);

    /// <summary>Name, type and sizes, as in <c>logit_scale Float32 []</c>.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"{Name} {DType} [{string.Join(", ", Shape)}]";
}
