using AltClip;
using AltClip.Modeling;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace EmojiClip;

/// <summary>The model in training, and the point where the pictures of each emoji are to meet.</summary>
internal sealed class EmojiModel : nn.Module
{
    public readonly AltCLIPModel clip;
    public readonly Parameter prototypes;

    /// <param name="emoji">How many emoji there are.</param>
    public EmojiModel(int emoji) : base(nameof(EmojiModel))
    {
        clip = new AltCLIPModel(Architecture.Config(), WeightInitialization.FanIn);
        prototypes = new Parameter(randn(emoji, Architecture.Width) / Math.Sqrt(Architecture.Width));
        RegisterComponents();
    }
}
