using AltClip.Imaging;
using static TorchSharp.torch;

namespace AltClip;

/// <summary>Texts and pictures as the model takes them. Disposing it disposes its tensors, which it then no longer gives.</summary>
public sealed class AltCLIPInputs : IDisposable
{
    private bool _isDisposed;

    /// <summary>Token ids: int64 [texts, sequence]; null without texts.</summary>
    public Tensor? InputIds { get => Undisposed(field); init; }

    /// <summary>1 for tokens, 0 for padding: int64 [texts, sequence]; null without texts or if not asked for.</summary>
    public Tensor? AttentionMask { get => Undisposed(field); init; }

    /// <summary>Token types: int64 [texts, sequence]; null unless asked for.</summary>
    public Tensor? TokenTypeIds { get => Undisposed(field); init; }

    /// <summary>1 for special tokens: int64 [texts, sequence]; null unless asked for. The model has no use for it.</summary>
    public Tensor? SpecialTokensMask { get => Undisposed(field); init; }

    /// <summary>Normalised pictures: floating point [pictures, channels, height, width]; null without pictures.</summary>
    public Tensor? PixelValues { get => Undisposed(field); init; }

    /// <summary>All that the tokenizer gave (offsets, overflow, …); null without texts.</summary>
    public BatchEncoding? Encoding { get; init; }

    /// <summary>For each row of <see cref="PixelValues"/> the index of its picture among those handed in.</summary>
    public IReadOnlyList<int> ImageIndices { get; init; } = [];

    /// <summary>The pictures that could not be read and were left out, if that was asked for.</summary>
    public IReadOnlyList<SkippedImage> SkippedImages { get; init; } = [];

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isDisposed) return;
        foreach (var tensor in (Tensor?[])[InputIds, AttentionMask, TokenTypeIds, SpecialTokensMask, PixelValues]) tensor?.Dispose();
        _isDisposed = true;
    }

    private Tensor? Undisposed(Tensor? tensor)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return tensor;
    }
}
