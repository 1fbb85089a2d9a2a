using System.Net;
using AltClip;
using Microsoft.Extensions.Options;

namespace ImageSearch;

/// <summary>
/// Holds what strangers' pictures take: so many are received or wait at a time and no more, fewer are decoded, and none takes for ever to arrive.
/// </summary>
internal sealed class Uploads(IOptions<ImageSearchOptions> options) : IDisposable
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _received = new(options.Value.MaxUploads), _decoded = new(options.Value.MaxDecodes);

    /// <summary>Receives a picture and does something with it.</summary>
    /// <exception cref="UploadException">There are too many already, it is too large or took too long; nothing of it is kept.</exception>
    public async Task<T> WithPictureAsync<T>(HttpContext context, Func<ImageSource, Task<T>> work)
    {
        var stop = context.RequestAborted;
        // What is turned away at once is told when to come again; who waits in a line knows nothing.
        if (!await _received.WaitAsync(TimeSpan.Zero, stop))
        {
            context.Response.Headers.RetryAfter = $"{RetryAfter.TotalSeconds}";
            throw new UploadException(HttpStatusCode.ServiceUnavailable, "Too many pictures are being searched with just now. Try again in a few seconds.");
        }
        try
        {
            var bytes = await ReceiveAsync(context.Request, stop);
            await _decoded.WaitAsync(stop);
            try
            {
                return await work(ImageSource.FromBytes(bytes, "The picture"));
            }
            finally
            {
                _decoded.Release();
            }
        }
        finally
        {
            _received.Release();
        }
    }

    public void Dispose()
    {
        _received.Dispose();
        _decoded.Dispose();
    }

    private async Task<byte[]> ReceiveAsync(HttpRequest request, CancellationToken stop)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(stop);
        late.CancelAfter(options.Value.MaxUploadTime);
        try
        {
            var bytes = await ReadAsync(request.Body, options.Value.MaxUploadBytes, late.Token) ?? throw TooLarge();
            return bytes.Length > 0 ? bytes : throw new UploadException(HttpStatusCode.BadRequest, "There is no picture in the request.");
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            throw TooLarge();
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new UploadException(HttpStatusCode.RequestTimeout, $"The picture took longer than {options.Value.MaxUploadTime.TotalSeconds:0} seconds to arrive.");
        }
    }

    private UploadException TooLarge() =>
        new(HttpStatusCode.BadRequest, $"The picture is larger than {options.Value.MaxUploadBytes / 1024.0 / 1024.0:0.#} MB.");

    /// <summary>Reads a body to its end; null if it is longer than allowed.</summary>
    private static async Task<byte[]?> ReadAsync(Stream body, long most, CancellationToken stop)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[1 << 16];
        while (await body.ReadAsync(buffer, stop) is > 0 and var read)
        {
            if (bytes.Length + read > most) return null;
            bytes.Write(buffer, 0, read);
        }
        return bytes.ToArray();
    }
}

/// <summary>A picture that isn't taken, in words for who sent it.</summary>
internal sealed class UploadException(HttpStatusCode status, string message) : Exception(message)
{
    /// <summary>What the request is answered with.</summary>
    public HttpStatusCode Status { get; } = status;
}
