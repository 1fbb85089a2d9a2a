namespace AltClip.Search;

/// <summary>A picture that was found.</summary>
/// <param name="Image">The picture, without its embedding.</param>
/// <param name="Score">The cosine of its embedding and the query's, -1 to 1.</param>
public sealed record ImageMatch(ImageEntry Image, float Score);
