using AltClip.Search;

namespace ImageSearch;

/// <summary>The app as it is.</summary>
internal sealed record StatusAnswer(string Model, long Pictures, IReadOnlyList<string> Examples, long MaxUploadBytes, IndexState Index);

/// <summary>Pictures that were found, the best first.</summary>
internal sealed record SearchAnswer(IReadOnlyList<FoundPicture> Results)
{
    public static SearchAnswer Of(IReadOnlyList<ImageMatch> matches) =>
        new([.. matches.Select(match => new FoundPicture(match.Image.Id, match.Score, $"picture?id={Uri.EscapeDataString(match.Image.Id)}"))]);
}

/// <summary>A picture with its cosine similarity, and where its file is had.</summary>
internal sealed record FoundPicture(string Id, float Score, string Url);

/// <summary>Why there is no answer.</summary>
internal sealed record ErrorAnswer(string Error);
