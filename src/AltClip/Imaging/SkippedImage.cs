namespace AltClip.Imaging;

/// <summary>A picture that could not be processed.</summary>
/// <param name="Index">Its index among the pictures handed in.</param>
/// <param name="Name">Its name.</param>
/// <param name="Error">Why.</param>
public sealed record SkippedImage(int Index, string Name, Exception Error);
