namespace AltClip;

/// <summary>What the layers of CLIP's encoders need to know; the image encoder and the text encoder have the same ones.</summary>
internal interface ICLIPEncoderConfig
{
    int HiddenSize { get; }

    int IntermediateSize { get; }

    int NumHiddenLayers { get; }

    int NumAttentionHeads { get; }

    string HiddenAct { get; }

    double LayerNormEps { get; }

    double AttentionDropout { get; }
}
