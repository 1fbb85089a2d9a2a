using AltClip.Configuration;
using AltClip.Inference.Calibration;
using TorchSharp.Modules;

namespace AltClip.Inference.Kernels;

/// <summary>What an encoder is, for those who pack it. The modules stay the model's.</summary>
internal sealed record EncoderSpec
{
    private EncoderSpec() { }

    /// <summary>Which of the two encoders it is.</summary>
    public required InferenceTowers Tower { get; init; }

    /// <summary>The size of a state.</summary>
    public required int Width { get; init; }

    /// <summary>The attention's heads.</summary>
    public required int Heads { get; init; }

    /// <summary>The size of a state in the feed-forward part.</summary>
    public required int Intermediate { get; init; }

    /// <summary>The layer norms' epsilon.</summary>
    public required double Eps { get; init; }

    /// <summary>Whether layer norms come before attention and feed-forward part (image), or after (text).</summary>
    public required bool PreNorm { get; init; }

    /// <summary>The feed-forward part's activation.</summary>
    public required ActivationFunction Activation { get; init; }

    /// <summary>The tokens of a picture of the usual size, or of a text.</summary>
    public required int UsualLength { get; init; }

    /// <summary>The layer norm of the embedded tokens.</summary>
    public required LayerNorm InputNorm { get; init; }

    /// <summary>The layers, in order. Of the last only the first token's state is used.</summary>
    public required IReadOnlyList<EncoderLayerParts> Layers { get; init; }

    /// <summary>The layer norm of the first token's state.</summary>
    public required LayerNorm OutputNorm { get; init; }

    /// <summary>
    /// The products that make the embedding of it, one after the other. They are done once for a sequence and in int8 would cost quality: none does.
    /// </summary>
    public required IReadOnlyList<Linear> Head { get; init; }

    /// <summary>How int8 products take their inputs, for kernels that heed it; null where nothing was measured.</summary>
    public EncoderCalibration? Calibration { get; init; }

    /// <summary>The size of a head.</summary>
    public int HeadSize => Width / Heads;

    /// <summary>A model's text encoder.</summary>
    public static EncoderSpec Text(AltCLIPModel model)
    {
        var (config, text) = (model.Config.TextConfig, model.text_model);
        return new EncoderSpec
        {
            Tower = InferenceTowers.Text,
            Width = config.HiddenSize,
            Heads = config.NumAttentionHeads,
            Intermediate = config.IntermediateSize,
            Eps = config.LayerNormEps,
            PreNorm = false,
            Activation = config.HiddenAct,
            UsualLength = 32,
            InputNorm = text.roberta.embeddings.LayerNorm,
            Layers = [.. text.roberta.encoder.layer.Select(EncoderLayerParts.Of)],
            OutputNorm = text.pre_LN,
            Head = [text.transformation, model.text_projection],
        };
    }

    /// <summary>A model's image encoder.</summary>
    public static EncoderSpec Image(AltCLIPModel model)
    {
        var (config, vision) = (model.Config.VisionConfig, model.vision_model);
        return new EncoderSpec
        {
            Tower = InferenceTowers.Image,
            Width = config.HiddenSize,
            Heads = config.NumAttentionHeads,
            Intermediate = config.IntermediateSize,
            Eps = config.LayerNormEps,
            PreNorm = true,
            Activation = config.HiddenAct,
            UsualLength = 1 + (int)Math.Pow(config.ImageSize / config.PatchSize, 2),
            InputNorm = vision.pre_layrnorm,
            Layers = [.. vision.encoder.layers.Select(EncoderLayerParts.Of)],
            OutputNorm = vision.post_layernorm,
            Head = [model.visual_projection],
        };
    }
}
