using AltClip.Search;

namespace ImageSearch;

/// <summary>The app as it is.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Note">What is to be known of it; null for nothing.</param>
/// <param name="LeastScore">The cosine below which a picture doesn't show a text, where the model has one stored beside it.</param>
/// <param name="Pictures">How many are in the index.</param>
/// <param name="Examples">Texts to try.</param>
/// <param name="MaxUploadBytes">The most bytes of a picture to search by.</param>
/// <param name="Index">How far indexing is.</param>
internal sealed record StatusAnswer(
    string Model, string? Note, double? LeastScore, long Pictures, IReadOnlyList<string> Examples, long MaxUploadBytes, IndexState Index);

/// <summary>Pictures that were found, the best first.</summary>
internal sealed record SearchAnswer(IReadOnlyList<FoundPicture> Results)
{
    public static SearchAnswer Of(IReadOnlyList<ImageMatch> matches) =>
        new([.. matches.Select(match => new FoundPicture(match.Image.Id, match.Score))]);
}

/// <summary>A picture with its cosine similarity, which those have that were searched for.</summary>
internal sealed record FoundPicture(string Id, float? Score)
{
    /// <summary>Where its file is had.</summary>
    public string Url => $"picture?id={Uri.EscapeDataString(Id)}";

    /// <summary>Where a small copy is had.</summary>
    public string Thumbnail => $"thumbnail?id={Uri.EscapeDataString(Id)}";
}

/// <summary>Why there is no answer.</summary>
internal sealed record ErrorAnswer(string Error);
