namespace AltClip.Imaging;

/// <summary>A colour of eight bits a channel.</summary>
/// <param name="R">Red.</param>
/// <param name="G">Green.</param>
/// <param name="B">Blue.</param>
public readonly record struct RgbColor(byte R, byte G, byte B)
{
    /// <summary>White, the usual paper under transparent drawings.</summary>
    public static RgbColor White => new(255, 255, 255);
}
