namespace AltClip;

/// <summary>A configuration that a model can be built from.</summary>
internal interface IModelConfig
{
    /// <summary>Checks every value.</summary>
    /// <exception cref="ConfigurationException">A value is out of range; the message names it.</exception>
    void Validate();

    /// <summary>The configuration as JSON that transformers reads.</summary>
    string ToJson();
}
