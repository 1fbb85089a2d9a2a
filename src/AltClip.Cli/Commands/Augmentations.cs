using AltClip.Training.Augmentation;

namespace AltClip.Cli.Commands;

/// <summary>Random changes of training's pictures, by name.</summary>
internal static class Augmentations
{
    public const string None = "none";

    /// <summary>The names there are.</summary>
    public static string[] Names => [None, "open-clip", "light", "strong"];

    /// <summary>Makes what a name stands for, for pictures of a size.</summary>
    public static IImageAugmentation? Create(string name, int size) => name switch
    {
        // What open_clip crops by default.
        "open-clip" => new RandomResizedCrop(size) { Scale = (0.9, 1) },
        "light" => new Compose(new RandomResizedCrop(size) { Scale = (0.8, 1) }, new RandomHorizontalFlip()),
        "strong" => new Compose(
            new RandomResizedCrop(size) { Scale = (0.4, 1) }, new RandomHorizontalFlip(),
            new RandomApply(0.8, new ColorJitter { Brightness = 0.32, Contrast = 0.32, Saturation = 0.32, Hue = 0.08 }), new RandomGrayscale(0.2)),
        _ => null,
    };
}
