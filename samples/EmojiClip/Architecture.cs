using AltClip;

namespace EmojiClip;

/// <summary>The model's size: 6.9 million parameters.</summary>
internal static class Architecture
{
    public const int Width = 192;

    /// <summary>The side of the pictures that the finished model takes.</summary>
    public const int PictureSide = 64;

    /// <summary>The side that training has positions for; those for other sides are interpolated from them.</summary>
    public const int TrainingSide = 64;

    public static AltCLIPConfig Config(int pictureSide = TrainingSide) => new()
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
            ImageSize = pictureSide,
            PatchSize = 8,
        },
    };
}
