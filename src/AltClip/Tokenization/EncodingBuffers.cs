namespace AltClip.Tokenization;

/// <summary>What encoding one text needs room for. Each thread keeps one between calls, so encoding leaves no garbage.</summary>
internal sealed class EncodingBuffers
{
    /// <summary>Buffers that grew beyond this (a text of a megabyte) are not kept.</summary>
    private const int KeptLength = 1 << 16;

    [ThreadStatic]
    private static EncodingBuffers? _free;

    public NormalizedText Text { get; } = new();

    public SegmenterBuffer Segmenter { get; } = new();

    public TokenList First { get; } = new();

    public TokenList Second { get; } = new();

    public static EncodingBuffers Rent()
    {
        EncodingBuffers buffers = _free ?? new();
        _free = null;
        return buffers;
    }

    public void Return()
    {
        if (Text.Chars.Length <= KeptLength && First.Capacity <= KeptLength && Second.Capacity <= KeptLength)
            _free = this;
    }
}
