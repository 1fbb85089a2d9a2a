namespace AltClip.Configuration;

/// <summary>What the layers of CLIP's encoders need to know; the image encoder and the text encoder have the same ones.</summary>
public abstract record CLIPEncoderConfig : EncoderConfig
{
    internal CLIPEncoderConfig(string modelType) : base(modelType) => HiddenAct = ActivationFunction.QuickGelu;

    /// <summary>Dropout probability of the attention weights, in training mode.</summary>
    public double AttentionDropout { get; init; }

    internal void ValidateClipEncoder(ConfigCheck check)
    {
        ValidateEncoder(check);
        check.Probability("attention_dropout", AttentionDropout);
    }
}
