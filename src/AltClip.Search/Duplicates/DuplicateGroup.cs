namespace AltClip.Search;

/// <summary>Pictures that are one picture.</summary>
/// <param name="IsExact">Whether their files are equal to the byte.</param>
/// <param name="Images">
/// The pictures, two at least. Of equal files the first by its id comes first; of near-duplicates the largest file, which is likeliest the original,
/// and then the others, the most similar first.
/// </param>
public sealed record DuplicateGroup(bool IsExact, IReadOnlyList<DuplicateImage> Images);

/// <summary>A picture of a <see cref="DuplicateGroup"/>.</summary>
/// <param name="Id">The picture's id.</param>
/// <param name="Size">The size of its file in bytes.</param>
/// <param name="Similarity">The cosine of its embedding and that of the group's first picture; 1 for equal files.</param>
public sealed record DuplicateImage(string Id, long Size, float Similarity);

/// <summary>What <see cref="DuplicateFinder"/> found.</summary>
/// <param name="Groups">Equal files first, then near-duplicates; in each, those with the most bytes to spare first.</param>
/// <param name="Compared">How many pictures were compared.</param>
/// <param name="Missing">Pictures whose files aren't there or can't be read; they are compared with none.</param>
public sealed record DuplicateReport(IReadOnlyList<DuplicateGroup> Groups, int Compared, IReadOnlyList<string> Missing);
