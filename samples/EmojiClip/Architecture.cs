using AltClip;

namespace EmojiClip;

/// <summary>The model's size: 6.6 million parameters.</summary>
internal static class Architecture
{
    public const int Width = 192;
    public const int PictureSide = Sprite.Side;

    public static AltCLIPConfig Config() => new()
    {
        ProjectionDim = Width,
        TextConfig = new AltCLIPTextConfig
        {
            VocabSize = Vocabulary.Size,
            HiddenSize = Width,
            NumHiddenLayers = 4,
            NumAttentionHeads = 3,
            IntermediateSize = 4 * Width,
            ProjectDim = Width,
            MaxPositionEmbeddings = 66,
            HiddenDropoutProb = 0,
            AttentionProbsDropoutProb = 0,
        },
        VisionConfig = new AltCLIPVisionConfig
        {
            HiddenSize = Width,
            NumHiddenLayers = 6,
            NumAttentionHeads = 3,
            IntermediateSize = 4 * Width,
            ProjectionDim = Width,
            ImageSize = PictureSide,
            PatchSize = 8,
        },
    };
}
