namespace AltClip.Modeling;

/// <summary>How the weights of a new model start.</summary>
public enum WeightInitialization
{
    /// <summary>As transformers does: made for fine-tuning on top of loaded weights, too small for training a model from nothing.</summary>
    Transformers,

    /// <summary>
    /// Every weight normal with a standard deviation of 1/sqrt(fan_in), so that signals keep their size through the layers: a small model
    /// trains from scratch.
    /// </summary>
    FanIn,
}
