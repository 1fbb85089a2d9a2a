using System.Net.Http.Headers;

namespace AltClip.Imaging;

/// <summary>Pictures of the web: <c>http://</c> and <c>https://</c>, nothing else. What is downloaded is kept in memory and nowhere else.</summary>
/// <remarks>
/// Whoever chooses the address chooses whom this machine talks to, servers of its own network included: addresses of strangers are to be checked
/// before, or fetched by an <see cref="HttpClient"/> that checks them.
/// </remarks>
public static class ImageDownload
{
    /// <summary>How many bytes a picture may have: 256 MiB.</summary>
    public const long MaxBytes = 256L << 20;

    private const int ReadSize = 1 << 16;

    private static readonly Lazy<HttpClient> Shared = new(() =>
    {
        var client = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5), MaxAutomaticRedirections = 10 });
        // Some servers, Wikipedia's too, answer only to those that say who they are.
        client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("altclip", typeof(ImageDownload).Assembly.GetName().Version?.ToString(3)));
        return client;
    });

    /// <summary>Whether a text is the address of something on the web.</summary>
    /// <param name="text">The text.</param>
    public static bool IsUrl(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && text.Contains("://", StringComparison.Ordinal);
    }

    /// <summary>Downloads a picture. It is decoded when it is processed.</summary>
    /// <param name="url">Where it is.</param>
    /// <param name="client">What to ask with; null for one that waits 100 seconds and follows ten redirections.</param>
    /// <param name="cancellationToken">Gives up the download.</param>
    /// <exception cref="ArgumentException">The address is of another kind.</exception>
    /// <exception cref="IOException">The server can't be reached, answers with an error or too late, or sends more than <see cref="MaxBytes"/>.</exception>
    public static async Task<ImageSource> GetAsync(Uri url, HttpClient? client = null, CancellationToken cancellationToken = default) =>
        ImageSource.FromBytes(await GetBytesAsync(url, client, cancellationToken).ConfigureAwait(false), url.ToString());

    /// <inheritdoc cref="GetAsync"/>
    /// <returns>The picture's file.</returns>
    internal static async Task<ReadOnlyMemory<byte>> GetBytesAsync(Uri url, HttpClient? client, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(url);
        if (!url.IsAbsoluteUri || url.Scheme is not ("http" or "https"))
            throw new ArgumentException($"{url} can't be downloaded; expected http:// or https://.", nameof(url));
        try
        {
            using var answer = await (client ?? Shared.Value).GetAsync(url, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            if (!answer.IsSuccessStatusCode)
                throw new IOException($"{url} can't be downloaded: the server answered {(int)answer.StatusCode} ({answer.ReasonPhrase}).");
            RefuseLarge(url, answer.Content.Headers.ContentLength ?? 0);
            return await ReadAsync(url, answer.Content, cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException e)
        {
            throw new IOException($"{url} can't be downloaded: {e.Message}", e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"{url} can't be downloaded: the server did not answer in time.", e);
        }
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(Uri url, HttpContent content, CancellationToken cancellationToken)
    {
        using var stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var (bytes, part) = (new MemoryStream(), new byte[ReadSize]);
        while (await stream.ReadAsync(part, cancellationToken).ConfigureAwait(false) is > 0 and var read)
        {
            RefuseLarge(url, bytes.Length + read);
            bytes.Write(part, 0, read);
        }
        return bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
    }

    private static void RefuseLarge(Uri url, long length)
    {
        if (length > MaxBytes) throw new IOException($"{url} has {length:N0} bytes or more; expected a picture of at most {MaxBytes:N0}.");
    }
}
