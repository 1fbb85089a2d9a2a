namespace AltClip.Inference;

/// <summary>Which encoders an <see cref="AltCLIPInference"/> is made of.</summary>
[Flags]
public enum InferenceTowers
{
    /// <summary>The text encoder.</summary>
    Text = 1,

    /// <summary>The image encoder.</summary>
    Image = 2,

    /// <summary>Both.</summary>
    Both = Text | Image,
}
