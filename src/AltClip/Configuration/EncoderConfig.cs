namespace AltClip.Configuration;

/// <summary>What the configurations of all encoders have: the sizes of a transformer (Vaswani et al., arXiv 1706.03762).</summary>
public abstract record EncoderConfig : PretrainedConfig
{
    internal EncoderConfig(string modelType) : base(modelType)
    {
    }

    /// <summary>Width of the encoder.</summary>
    public int HiddenSize { get; init; }

    /// <summary>Width of the feed-forward part of a layer.</summary>
    public int IntermediateSize { get; init; }

    /// <summary>Number of transformer layers.</summary>
    public int NumHiddenLayers { get; init; }

    /// <summary>Attention heads of each layer; must divide <see cref="HiddenSize"/>.</summary>
    public int NumAttentionHeads { get; init; }

    /// <summary>Activation of the feed-forward part.</summary>
    public ActivationFunction HiddenAct { get; init; }

    /// <summary>Epsilon of the layer norms.</summary>
    public double LayerNormEps { get; init; } = 1e-5;

    internal void ValidateEncoder(ConfigCheck check)
    {
        check.Positive("hidden_size", HiddenSize);
        check.Positive("intermediate_size", IntermediateSize);
        check.Positive("num_hidden_layers", NumHiddenLayers);
        check.Weights("hidden_size", HiddenSize, ("hidden_size", HiddenSize), ("hidden_size", HiddenSize));
        check.Weights("intermediate_size", IntermediateSize, ("intermediate_size", IntermediateSize), ("hidden_size", HiddenSize));
        check.Heads(HiddenSize, NumAttentionHeads);
        check.That(Enum.IsDefined(HiddenAct), "hidden_act", HiddenAct, "an activation function");
        check.NotNegative("layer_norm_eps", LayerNormEps);
    }
}
