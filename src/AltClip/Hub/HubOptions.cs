namespace AltClip.Hub;

/// <summary>
/// Where models come from and where they are kept. What is not set follows the environment variables of Python's <c>huggingface_hub</c>,
/// as they are when the object is made.
/// </summary>
public sealed record HubOptions
{
    // What timers take.
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromDays(24);

    /// <summary>Options that follow the environment.</summary>
    public HubOptions() : this(HubEnvironment.Process)
    {
    }

    internal HubOptions(HubEnvironment environment)
    {
        CacheFolder = environment.CacheFolder;
        Endpoint = environment.Endpoint;
        Token = environment.Token;
        Offline = environment.Offline;
        Timeout = environment.Timeout;
    }

    /// <summary>
    /// The folder of the cache, shared with Python. Default: <c>HF_HUB_CACHE</c>, else <c>TRANSFORMERS_CACHE</c>, else <c>hub</c> in <c>HF_HOME</c>, else
    /// <c>~/.cache/huggingface/hub</c>.
    /// </summary>
    public string CacheFolder { get; init; }

    /// <summary>The address of the Hub or of a mirror. Default: <c>HF_ENDPOINT</c>, else <c>https://huggingface.co</c>.</summary>
    public string Endpoint { get; init; }

    /// <summary>
    /// The token that is sent to <see cref="Endpoint"/>, and to no other host; null for none. Default: <c>HF_TOKEN</c>, else what is in the
    /// file <c>HF_TOKEN_PATH</c>, else in <c>token</c> in <c>HF_HOME</c>, where <c>hf auth login</c> puts it.
    /// </summary>
    public string? Token { get; init; }

    /// <summary>Whether only the cache is used. Default: whether <c>HF_HUB_OFFLINE</c> is set.</summary>
    public bool Offline { get; init; }

    /// <summary>How long the server may be silent, at most 24 days. Default: <c>HF_HUB_DOWNLOAD_TIMEOUT</c> in seconds, else 10 seconds.</summary>
    public TimeSpan Timeout { get; init; }

    /// <summary>
    /// How often a request that failed is sent again, after 1, 2, 4, 8, 8… seconds or as long as the server says. A download that gets
    /// further has all of them again. Default: 5.
    /// </summary>
    public int Retries { get; init; } = 5;

    /// <summary>Is told how far each file is, at least once for every one that is downloaded.</summary>
    public IProgress<HubProgress>? Progress { get; init; }

    /// <summary>Is told of each request that failed, before it is waited and sent again.</summary>
    public IProgress<HubRetry>? Retrying { get; init; }

    /// <summary>Waits between attempts.</summary>
    internal Func<TimeSpan, CancellationToken, Task> Delay { get; init; } = Task.Delay;

    /// <summary>How it is waited between two looks at a lock that another process has.</summary>
    internal Func<CancellationToken, Task> LockWait { get; init; } = cancellationToken => Task.Delay(50, cancellationToken);

    /// <summary>Makes a symbolic link at a path to a target.</summary>
    internal Action<string, string> CreateLink { get; init; } = (path, target) => File.CreateSymbolicLink(path, target);

    /// <summary>The options in short; of the token only whether there is one.</summary>
    public override string ToString() =>
        $"{nameof(HubOptions)} {{ {nameof(Endpoint)} = {Endpoint}, {nameof(CacheFolder)} = {CacheFolder}, {nameof(Offline)} = {Offline}, "
        + $"{nameof(Token)} = {(Token is null ? "none" : "set")} }}";

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(CacheFolder);
        if (!Uri.TryCreate(Endpoint, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            throw new ArgumentException($"The endpoint of the Hub (HF_ENDPOINT) is '{Endpoint}'; expected an address with http or https.", nameof(Endpoint));
        // The value stays out of the message.
        if (Token is not null && (Token.Length == 0 || Token.Any(c => c is <= ' ' or > '~')))
            throw new ArgumentException("The token has characters that no token has; expected visible ASCII.", nameof(Token));
        ArgumentOutOfRangeException.ThrowIfNegative(Retries);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Timeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Timeout, LongestTimeout);
    }
}
