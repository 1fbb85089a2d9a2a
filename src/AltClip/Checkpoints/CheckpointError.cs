namespace AltClip.Checkpoints;

/// <summary>What is wrong with a checkpoint file; <see cref="CheckpointException.Error"/> carries it for programs, the message for people.</summary>
public enum CheckpointError
{
    /// <summary>The file has no bytes at all.</summary>
    FileEmpty,

    /// <summary>A safetensors file ends before the eight bytes that give its header's length.</summary>
    HeaderTooShort,

    /// <summary>A safetensors header claims to be longer than the format's limit of 100 MB.</summary>
    HeaderTooLarge,

    /// <summary>A safetensors file ends before its header does.</summary>
    HeaderTruncated,

    /// <summary>A safetensors header is not a JSON object in UTF-8.</summary>
    HeaderNotJson,

    /// <summary>Two tensors, or two members of one tensor's description, have the same name.</summary>
    DuplicateName,

    /// <summary>The <c>__metadata__</c> of a safetensors header is not an object of strings.</summary>
    InvalidMetadata,

    /// <summary>A tensor's description lacks a member or has one of the wrong kind.</summary>
    InvalidTensorInfo,

    /// <summary>A size, stride or offset is negative, not a whole number, or beyond 64 bits.</summary>
    InvalidNumber,

    /// <summary>A tensor has a dtype that the format does not know.</summary>
    UnknownDType,

    /// <summary>A tensor has a dtype that the format knows and TorchSharp does not, such as <c>F8_E4M3</c>.</summary>
    UnsupportedDType,

    /// <summary>A tensor's shape multiplies to more than 63 bits can count.</summary>
    ShapeOverflow,

    /// <summary>A tensor's shape and dtype need another number of bytes than its place in the file has.</summary>
    ShapeMismatch,

    /// <summary>A tensor's bytes end before they begin, or lie beyond the end of the file.</summary>
    OffsetsOutsideFile,

    /// <summary>Two tensors claim the same bytes of a safetensors file.</summary>
    OffsetsOverlap,

    /// <summary>Bytes of a safetensors file belong to no tensor.</summary>
    UnusedBytes,

    /// <summary>
    /// A <c>.bin</c> file is neither of the two formats that <c>torch.save</c> writes; or a file of weights is something else altogether, such
    /// as a Git LFS pointer or an HTML page.
    /// </summary>
    UnknownFormat,

    /// <summary>A PyTorch file ends before what it announces.</summary>
    Truncated,

    /// <summary>The zip archive of a PyTorch file is damaged, compressed, or lacks an entry.</summary>
    InvalidArchive,

    /// <summary>The bytes of a PyTorch file are in big-endian order.</summary>
    UnsupportedByteOrder,

    /// <summary>A pickle is damaged or uses an instruction that a state dict does not need.</summary>
    InvalidPickle,

    /// <summary>A pickle is longer than any state dict's.</summary>
    PickleTooLarge,

    /// <summary>A PyTorch file is a whole object or a call, not tensors by name; nothing was run.</summary>
    ForbiddenGlobal,

    /// <summary>A PyTorch file holds no dictionary of tensors by name, those of several models, or a program (TorchScript).</summary>
    NotAStateDict,

    /// <summary>A tensor of a PyTorch file reaches beyond the storage it is a view of.</summary>
    StorageOutOfBounds,

    /// <summary>A shard index is not a JSON object with a <c>weight_map</c> of tensor names to file names.</summary>
    InvalidIndex,

    /// <summary>A shard index names a file outside its own folder.</summary>
    ShardOutsideFolder,

    /// <summary>A shard lacks tensors that the index says it holds.</summary>
    MissingTensors,

    /// <summary>A checkpoint lacks tensors that the model has, or has them in other shapes; or, where that was asked for, has others.</summary>
    StateMismatch,

    /// <summary>A file was written into, cut short or replaced while it was in use.</summary>
    Changed,
}
