using AltClip.Configuration;
using static TorchSharp.torch;

namespace AltClip.Inference.Panels;

/// <summary>The text encoder's layers and projection on <see cref="PanelKernels"/>, without libtorch between embedding and result.</summary>
internal sealed unsafe class PanelTextEncoder : ITextEncoder
{
    private readonly PanelEncoder _encoder;
    private readonly PanelNorm _embeddingNorm, _preNorm;
    private readonly PanelProduct _transformation, _projection;
    private readonly int _width;

    private PanelTextEncoder(AltCLIPModel model, PanelNumbers numbers, bool release)
    {
        var config = model.Config.TextConfig;
        var text = model.text_model;
        _width = config.HiddenSize;
        // What makes the embedding out of the state is done once for a text, and in int8 would cost quality.
        var outside = numbers == PanelNumbers.Int8 ? PanelNumbers.Float32 : numbers;
        _embeddingNorm = new PanelNorm(text.roberta.embeddings.LayerNorm, config.LayerNormEps);
        _preNorm = new PanelNorm(text.pre_LN, config.LayerNormEps);
        _transformation = new PanelProduct(text.transformation.weight!, text.transformation.bias, outside);
        _projection = new PanelProduct(model.text_projection.weight!, null, outside);
        _encoder = PanelEncoder.Of(text.roberta.encoder, config, numbers, release);
    }

    /// <summary>
    /// Packs a model's text encoder, or returns null where something isn't made for it: the processor, the device, widths that are no
    /// multiple of 16, another activation than the published models'.
    /// </summary>
    public static PanelTextEncoder? TryMake(AltCLIPModel model, InferencePrecision precision, bool release)
    {
        var numbers = PanelSupport.Of(precision);
        var config = model.Config.TextConfig;
        int[] widths =
            [config.HiddenSize, config.HiddenSize / config.NumAttentionHeads, config.IntermediateSize, config.ProjectDim, model.Config.ProjectionDim];
        return config.HiddenAct == ActivationFunction.Gelu && PanelEncoder.IsMadeFor(model, numbers, widths) ? new PanelTextEncoder(model, numbers, release) : null;
    }

    public ScalarType DType => ScalarType.Float32;

    public ScalarType ScoreDType => ScalarType.Float32;

    public Tensor Encode(Tensor rows, long[] groups, Tensor? mask)
    {
        using var scope = NewDisposeScope();
        var input = rows.contiguous();
        var texts = Texts(groups);
        var fullMask = mask?.to(float32).expand(groups[0], 1, groups[1], groups[1]).contiguous();
        var result = empty(texts.Length, _projection.Outputs);
        using (_encoder.Workspace.Team.Enter())
            fixed (byte* x = input.bytes)
            fixed (byte* y = result.bytes)
            fixed (byte* m = fullMask is null ? default : fullMask.bytes)
                Encode((float*)x, (int)input.shape[0], texts, (float*)m, (float*)y);
        return scope.MoveToOuter(result);
    }

    public void Dispose()
    {
        foreach (var part in (IDisposable[])[_encoder, _embeddingNorm, _preNorm, _transformation, _projection]) part.Dispose();
    }

    private void Encode(float* rows, int tokens, PanelSequence[] texts, float* mask, float* result)
    {
        var w = _encoder.Workspace;
        w.Reserve(tokens);
        _embeddingNorm.Run(w.Team, rows, w.X, tokens);
        _encoder.Run(texts, mask);
        _preNorm.Run(w.Team, w.X, w.Context, texts.Length);
        _transformation.Run(w.Team, w.Scratch, w.Rows, w.Context, texts.Length, _width, w.Wide);
        _projection.Run(w.Team, w.Scratch, w.Rows, w.Wide, texts.Length, _transformation.Outputs, result);
    }

    private static PanelSequence[] Texts(long[] groups)
    {
        var texts = new List<PanelSequence>();
        var first = 0;
        for (var i = 0; i < groups.Length; i += 2)
        {
            var length = (int)groups[i + 1];
            for (var j = 0; j < groups[i]; j++, first += length) texts.Add(new(first, length, first, length));
        }
        return [.. texts];
    }
}
