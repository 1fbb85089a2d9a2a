namespace AltClip.Imaging;

/// <summary>The memory that one thread needs to process pictures one after another.</summary>
internal sealed class ImageWorkspace : IDisposable
{
    /// <summary>The file as it was read.</summary>
    public NativeBuffer Encoded { get; } = new();

    /// <summary>Decoded rows: the whole picture, or the few that a format gives row by row needs at a time.</summary>
    public NativeBuffer Rows { get; } = new();

    /// <summary>What the first pass of the resampler made.</summary>
    public NativeBuffer Intermediate { get; } = new();

    /// <summary>What the second pass made: the resized and cropped picture.</summary>
    public NativeBuffer Result { get; } = new();

    /// <inheritdoc/>
    public void Dispose()
    {
        Encoded.Dispose();
        Rows.Dispose();
        Intermediate.Dispose();
        Result.Dispose();
    }
}
