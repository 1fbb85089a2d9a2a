using AltClip.Inference.Panels;
using static TorchSharp.torch;

namespace AltClip.Inference;

/// <summary>The text encoder on <see cref="EncoderKernels"/>, for devices and configurations that <see cref="PanelTextEncoder"/> isn't made for.</summary>
internal sealed class ArchiveTextEncoder : ITextEncoder
{
    private readonly EncoderKernels _kernels;
    private readonly AltCLIPTextConfig _config;
    private readonly EncoderWeights _layers;
    private readonly List<Tensor> _embeddingNorm = [], _preNorm = [], _transformation = [], _projection = [];

    public ArchiveTextEncoder(AltCLIPModel model, EncoderKernels kernels, bool release)
    {
        _kernels = kernels;
        _config = model.Config.TextConfig;
        var text = model.text_model;
        kernels.AddNorm(_embeddingNorm, text.roberta.embeddings.LayerNorm);
        kernels.AddNorm(_preNorm, text.pre_LN);
        kernels.AddProduct(_transformation, text.transformation.weight!, text.transformation.bias!, quantized: false);
        kernels.AddProduct(_projection, model.text_projection.weight!, null, quantized: false);
        _layers = EncoderWeights.Of(text.roberta.encoder, _config, kernels, release);
    }

    public ScalarType DType => _kernels.DType;

    public ScalarType ScoreDType => _kernels.ScoreDType;

    public Tensor Encode(Tensor rows, long[] groups, Tensor? mask)
    {
        using var scope = NewDisposeScope();
        var embedded = nn.functional.layer_norm(rows, [_config.HiddenSize], _embeddingNorm[0], _embeddingNorm[1], _config.LayerNormEps);
        var pooled = _kernels.Encode(embedded, groups, mask, _layers);
        var normed = nn.functional.layer_norm(pooled, [_config.HiddenSize], _preNorm[0], _preNorm[1], _config.LayerNormEps);
        var transformed = _kernels.Linear(normed, _transformation);
        return scope.MoveToOuter(_kernels.Linear(transformed, _projection).to(float32));
    }

    public void Dispose()
    {
        _layers.Dispose();
        foreach (var tensor in (Tensor[])[.. _embeddingNorm, .. _preNorm, .. _transformation, .. _projection]) tensor.Dispose();
    }
}
