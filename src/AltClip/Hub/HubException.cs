using System.Net;
using AltClip.Hub;

namespace AltClip;

/// <summary>A file could not be had from the Hub. The message names the address, what happened and, where there is something, what helps.</summary>
public sealed class HubException : AltClipException
{
    internal HubException(HubError error, string message, Exception? innerException = null) : base(message, innerException) => Error = error;

    /// <summary>What went wrong.</summary>
    public HubError Error { get; }

    /// <summary>The status that the server answered with; null if it gave none.</summary>
    public HttpStatusCode? StatusCode { get; internal init; }

    /// <summary>Whether asking again may help.</summary>
    internal bool IsTransient { get; init; }

    /// <summary>How long the server asks to wait.</summary>
    internal TimeSpan? RetryAfter { get; init; }

    /// <summary>The commit that the server says it looked in.</summary>
    internal string? Commit { get; init; }
}
