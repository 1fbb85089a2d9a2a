using System.Net;

namespace AltClip.Hub;

/// <summary>Says what an answer that is no success means, as <c>huggingface_hub</c> tells them apart.</summary>
internal static class HubFailure
{
    private const string ErrorCodeHeader = "X-Error-Code";

    /// <summary>The failure that a status stands for.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="id">The model that was asked for.</param>
    /// <param name="hasToken">Whether there is a token to send.</param>
    public static HubException Of(HttpResponseMessage response, HubModelId id, bool hasToken)
    {
        var code = response.Headers.TryGetValues(ErrorCodeHeader, out var values) ? values.First() : null;
        var error = (code, response.StatusCode) switch
        {
            ("RevisionNotFound", _) => HubError.RevisionNotFound,
            ("EntryNotFound", _) => HubError.FileNotFound,
            ("GatedRepo", _) => HubError.Gated,
            ("RepoNotFound", _) => HubError.ModelNotFound,
            (_, HttpStatusCode.NotFound) => HubError.FileNotFound,
            (_, HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden) => HubError.Forbidden,
            (_, HttpStatusCode.TooManyRequests) => HubError.TooManyRequests,
            (_, HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError) => HubError.ServerError,
            _ => HubError.UnexpectedAnswer,
        };
        var address = Name(response.RequestMessage?.RequestUri);
        return new HubException(error, $"{address} answered {(int)response.StatusCode}: {Meaning(error, id, hasToken)}.")
        {
            StatusCode = response.StatusCode,
            IsTransient = error is HubError.TooManyRequests or HubError.ServerError,
            RetryAfter = RetryAfter(response),
            Commit = HubFileInfo.CommitOf(response),
        };
    }

    /// <summary>The failure that a connection which broke, or was never there, stands for.</summary>
    public static HubException Of(Exception cause, Uri address) =>
        new(HubError.Unreachable, $"{Name(address)}: {cause.Message}", cause) { IsTransient = true };

    /// <summary>An address for a message: without the signature that lets anybody download, and without a mirror's password.</summary>
    public static string? Name(Uri? address) => address?.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    private static string Meaning(HubError error, HubModelId id, bool hasToken) => error switch
    {
        HubError.RevisionNotFound => $"{id.Name} has no revision '{id.Revision}'",
        HubError.FileNotFound => "there is no such file",
        HubError.Gated => $"the terms of {id.Name} have to be accepted on its page first"
            + (hasToken ? "" : ", and a token of the account given in HF_TOKEN"),
        HubError.ModelNotFound or HubError.Forbidden when hasToken => $"there is no model {id.Name}, or the token may not read it",
        HubError.ModelNotFound or HubError.Forbidden => $"there is no model {id.Name}, or it needs a token (HF_TOKEN)",
        HubError.TooManyRequests => "too many requests",
        HubError.ServerError => "the server failed",
        _ => "no answer that was expected",
    };

    private static TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        var asked = response.Headers.RetryAfter?.Delta ?? response.Headers.RetryAfter?.Date - DateTimeOffset.UtcNow;
        return asked < TimeSpan.Zero ? TimeSpan.Zero : asked;
    }
}
