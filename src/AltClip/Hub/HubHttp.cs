using System.Net;
using System.Net.Http.Headers;

namespace AltClip.Hub;

/// <summary>
/// Sends requests to the Hub. Redirects are followed here and not by <see cref="HttpClient"/>, because the first answer tells of the file
/// and because the token must not go to other hosts.
/// </summary>
internal sealed class HubHttp(HubModelId id, HubOptions options)
{
    private const int MaxRedirects = 10;

    // Bytes are counted and hashed as they are stored, so nothing may be compressed on the way.
    private static readonly HttpClient Client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    })
    {
        Timeout = System.Threading.Timeout.InfiniteTimeSpan,
    };

    private static readonly ProductInfoHeaderValue UserAgent = new("altclip", typeof(HubHttp).Assembly.GetName().Version?.ToString(3));

    private readonly Uri _endpoint = new(options.Endpoint);

    /// <summary>Asks what the Hub has under a name, without its bytes.</summary>
    /// <param name="revision">Where to look.</param>
    /// <param name="file">The name.</param>
    /// <param name="retries">How often to ask again after a failure that may pass.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="HubException">It has nothing, or doesn't say.</exception>
    public async Task<HubFileInfo> HeadAsync(string revision, string file, int retries, CancellationToken cancellationToken)
    {
        var backOff = new HubBackOff(options, retries);
        while (true)
        {
            try
            {
                using var response = await SendAsync(HttpMethod.Head, Address(revision, file), null, HubFileInfo.IsIn, cancellationToken);
                return HubFileInfo.IsIn(response) || response.IsSuccessStatusCode ? HubFileInfo.Read(response) : throw Failure(response);
            }
            catch (HubException e)
            {
                await backOff.WaitAsync(e, cancellationToken);
            }
        }
    }

    /// <summary>Asks for the bytes of a file from a position on. The status may be any; the caller disposes the answer.</summary>
    public Task<HttpResponseMessage> GetAsync(string revision, string file, long from, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Get, Address(revision, file), from > 0 ? new RangeHeaderValue(from, null) : null, _ => false, cancellationToken);

    /// <summary>What an answer that is no success means.</summary>
    public HubException Failure(HttpResponseMessage response) => HubFailure.Of(response, id, options.Token is not null);

    private Uri Address(string revision, string file) => id.Address(options.Endpoint, revision, file);

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, Uri address, RangeHeaderValue? range, Predicate<HttpResponseMessage> isAnswer, CancellationToken cancellationToken)
    {
        for (var redirects = 0; redirects <= MaxRedirects; redirects++)
        {
            var response = await SendOnceAsync(method, address, range, cancellationToken);
            if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308) || isAnswer(response)) return response;
            using (response) address = Target(address, response);
        }
        throw new HubException(HubError.UnexpectedAnswer, $"{HubFailure.Name(address)}: more than {MaxRedirects} redirects.");
    }

    private async Task<HttpResponseMessage> SendOnceAsync(
        HttpMethod method, Uri address, RangeHeaderValue? range, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, address);
        request.Headers.UserAgent.Add(UserAgent);
        request.Headers.Accept.ParseAdd("*/*");
        request.Headers.AcceptEncoding.ParseAdd("identity");
        request.Headers.Range = range;
        if (options.Token is not null && IsEndpoint(address)) request.Headers.Authorization = new("Bearer", options.Token);

        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        silence.CancelAfter(options.Timeout);
        try
        {
            return await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, silence.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw HubFailure.Of(new TimeoutException($"no answer within {options.Timeout.TotalSeconds} seconds."), address);
        }
        catch (HttpRequestException e)
        {
            throw HubFailure.Of(e, address);
        }
    }

    private static Uri Target(Uri address, HttpResponseMessage response)
    {
        var target = response.Headers.Location is { } location ? new Uri(address, location) : null;
        var isSafe = target?.Scheme == Uri.UriSchemeHttps || (target?.Scheme == Uri.UriSchemeHttp && address.Scheme == Uri.UriSchemeHttp);
        return isSafe
            ? target!
            : throw new HubException(
                HubError.UnexpectedAnswer,
                $"{HubFailure.Name(address)} redirects to '{HubFailure.Name(target)}'; expected an address that is as safe.")
            {
                StatusCode = response.StatusCode,
            };
    }

    private bool IsEndpoint(Uri address) =>
        Uri.Compare(address, _endpoint, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) == 0;
}
