using System.Globalization;
using System.Net.Http.Headers;

namespace AltClip.Hub;

/// <summary>What the Hub says of a file before it is downloaded.</summary>
/// <param name="Commit">The commit that it is of.</param>
/// <param name="Etag">The name of its bytes: their SHA-256 for large files, git's hash for others.</param>
/// <param name="Size">How many bytes it has.</param>
internal sealed record HubFileInfo(string Commit, string Etag, long Size)
{
    private const string CommitHeader = "X-Repo-Commit";
    private const string LinkedEtagHeader = "X-Linked-Etag";
    private const string LinkedSizeHeader = "X-Linked-Size";
    private const string EtagHeader = "ETag";

    /// <summary>Whether an answer tells of the file, and does not merely redirect to where it is told.</summary>
    public static bool IsIn(HttpResponseMessage response) =>
        Header(response, LinkedEtagHeader) is not null || (Header(response, EtagHeader) is not null && CommitOf(response) is not null);

    /// <summary>The commit that an answer is about, if it says one.</summary>
    /// <exception cref="HubException">What it says is no commit.</exception>
    public static string? CommitOf(HttpResponseMessage response) => Header(response, CommitHeader) switch
    {
        null => null,
        var commit when HubNames.IsCommit(commit) => commit,
        var other => throw Unexpected(response, $"the header {CommitHeader} is '{other}'; expected 40 hexadecimal digits"),
    };

    /// <summary>Reads the answer to a HEAD request.</summary>
    /// <exception cref="HubException">Something is missing or has a value that is not allowed.</exception>
    public static HubFileInfo Read(HttpResponseMessage response)
    {
        var commit = CommitOf(response) ?? throw Unexpected(response, $"the header {CommitHeader} is missing; this is no Hub");
        var etag = Normalized(
            Header(response, LinkedEtagHeader) ?? Header(response, EtagHeader) ?? throw Unexpected(response, "the header ETag is missing"));
        if (!HubNames.IsEtag(etag)) throw Unexpected(response, $"the ETag is '{etag}'; expected a hash");
        // A redirect's own length is that of its notice.
        var size = Header(response, LinkedSizeHeader) is { } linked ? Number(linked)
            : response.IsSuccessStatusCode ? response.Content.Headers.ContentLength : null;
        return new HubFileInfo(commit, etag, size ?? throw Unexpected(response, "it does not say the size of the file"));
    }

    private static long? Number(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string Normalized(string etag) => (etag.StartsWith("W/", StringComparison.Ordinal) ? etag[2..] : etag).Trim('"');

    // As it was sent: some mirrors leave the quotes of an ETag out, and the typed header then has nothing.
    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.NonValidated.TryGetValues(name, out HeaderStringValues values) && values.Count > 0 ? values.First() : null;

    private static HubException Unexpected(HttpResponseMessage response, string problem) =>
        new(HubError.UnexpectedAnswer, $"{HubFailure.Name(response.RequestMessage?.RequestUri)}: {problem}.") { StatusCode = response.StatusCode };
}
