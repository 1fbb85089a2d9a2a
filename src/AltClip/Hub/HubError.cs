namespace AltClip.Hub;

/// <summary>Why nothing came from the Hub; <see cref="HubException.Error"/> carries it for programs, the message for people.</summary>
public enum HubError
{
    /// <summary>The Hub could not be reached, or stopped answering.</summary>
    Unreachable,

    /// <summary>The Hub may not be asked (<see cref="HubOptions.Offline"/>), and the cache does not have the file.</summary>
    Offline,

    /// <summary>There is no such model, or it is private and the token is not one that may see it; the Hub does not tell which.</summary>
    ModelNotFound,

    /// <summary>The model has no such branch, tag or commit.</summary>
    RevisionNotFound,

    /// <summary>The model has no such file.</summary>
    FileNotFound,

    /// <summary>The model's terms have to be accepted on its page first.</summary>
    Gated,

    /// <summary>The token is missing, wrong or without the right to read the model.</summary>
    Forbidden,

    /// <summary>Too many requests, still after waiting.</summary>
    TooManyRequests,

    /// <summary>The server failed, still after trying again.</summary>
    ServerError,

    /// <summary>What came is not what was announced: another size, or bytes of another hash.</summary>
    Corrupt,

    /// <summary>The answer is not one that a Hub gives: a header is missing or has a value that is not allowed.</summary>
    UnexpectedAnswer,
}
