using static TorchSharp.torch;

namespace AltClip.Checkpoints.PyTorch;

/// <summary>The name of a storage class, such as <c>torch.FloatStorage</c>: its element type.</summary>
internal sealed record PickledStorageType(ScalarType DType);

/// <summary>A reference to the elements that a PyTorch file keeps outside its pickle.</summary>
/// <param name="DType">The element type.</param>
/// <param name="Key">The storage's name in the file.</param>
/// <param name="Start">The first element of the storage that this one sees (legacy files can refer to a part).</param>
/// <param name="Count">The number of elements that it sees.</param>
/// <param name="TotalCount">The number of elements of the whole storage.</param>
internal sealed record PickledStorage(ScalarType DType, string Key, long Start, long Count, long TotalCount);

/// <summary>A pickled tensor: a strided view of a storage, in elements.</summary>
internal sealed record PickledTensor(PickledStorage Storage, long Offset, long[] Shape, long[] Strides);
