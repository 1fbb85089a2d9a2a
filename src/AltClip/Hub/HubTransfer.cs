using System.Net;

namespace AltClip.Hub;

/// <summary>Brings the bytes of one file onto disk: goes on where an earlier attempt stopped, and checks size and hash at the end.</summary>
internal sealed class HubTransfer(HubHttp http, HubOptions options, HubFileInfo info, string file)
{
    private const int BufferSize = 1 << 17;
    private const long ReportInterval = 1 << 20;

    private long _reported;

    /// <summary>
    /// Downloads the file to a path. What was there before is its beginning; what is there after a failure or a cancellation is too.
    /// </summary>
    /// <exception cref="HubException">The server doesn't give the file, or not the one it announced; then nothing stays.</exception>
    /// <exception cref="IOException">The disk is full, or can't be written to.</exception>
    public async Task RunAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 0, FileOptions.Asynchronous);
            if (stream.Length > info.Size) stream.SetLength(0);
            CheckSpace(path, info.Size - stream.Length);
            var leftOver = stream.Length > 0;
            while (!await FillAsync(stream, cancellationToken))
            {
                if (!leftOver)
                    throw new HubException(HubError.Corrupt, $"{file}: the {info.Size} bytes that came do not have the hash {info.Etag}.");
                // The part that was there already may be to blame.
                leftOver = false;
                stream.SetLength(0);
            }
            stream.Flush(flushToDisk: true);
        }
        catch (HubException e) when (e.Error == HubError.Corrupt)
        {
            File.Delete(path);
            throw;
        }
    }

    /// <summary>Fetches what is missing.</summary>
    /// <returns>Whether the whole has the right hash.</returns>
    private async Task<bool> FillAsync(FileStream stream, CancellationToken cancellationToken)
    {
        using var hash = new ContentHash(info.Etag, info.Size);
        await AppendExistingAsync(stream, hash, cancellationToken);
        Report(stream.Length);
        var backOff = new HubBackOff(options, options.Retries);
        for (var furthest = stream.Length; stream.Length < info.Size;)
        {
            try
            {
                await FetchAsync(stream, hash, cancellationToken);
            }
            catch (HubException e)
            {
                // A server that always begins anew must not be asked for ever.
                if (stream.Length > furthest) backOff.Reset();
                furthest = Math.Max(furthest, stream.Length);
                await backOff.WaitAsync(e, cancellationToken);
            }
        }
        Report(stream.Length);
        return hash.Matches();
    }

    private async Task FetchAsync(FileStream stream, ContentHash hash, CancellationToken cancellationToken)
    {
        using var response = await http.GetAsync(info.Commit, file, stream.Length, cancellationToken);
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            var (stopped, range) = (stream.Length, response.Content.Headers.ContentRange);
            Restart(stream, hash);
            throw Broken($"the server can't go on after {stopped} bytes ({range})");
        }
        if (!response.IsSuccessStatusCode) throw http.Failure(response);
        var begins = response.StatusCode == HttpStatusCode.PartialContent ? response.Content.Headers.ContentRange?.From : 0;
        if (begins == 0) Restart(stream, hash);
        if (begins != stream.Length) throw Broken($"the server sends the bytes from {begins} on; expected those from {stream.Length} on");
        if (response.Content.Headers.ContentLength is { } length && length != info.Size - stream.Length)
            throw Broken($"the server sends {length} bytes; expected {info.Size - stream.Length}", HubError.Corrupt);
        await CopyAsync(response, stream, hash, cancellationToken);
    }

    private async Task CopyAsync(HttpResponseMessage response, FileStream stream, ContentHash hash, CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferSize];
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        silence.CancelAfter(options.Timeout);
        await using var body = await Network(() => response.Content.ReadAsStreamAsync(silence.Token));
        while (await Network(() => body.ReadAsync(buffer, silence.Token).AsTask()) is > 0 and var count)
        {
            silence.CancelAfter(options.Timeout);
            if (count > info.Size - stream.Length) throw new HubException(HubError.Corrupt, $"{file}: the server sends more than {info.Size} bytes.");
            hash.Append(buffer.AsSpan(0, count));
            await stream.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            if (Math.Abs(stream.Length - _reported) >= ReportInterval) Report(stream.Length);
        }
        if (stream.Length < info.Size) throw Broken($"the server stopped after {stream.Length} of {info.Size} bytes");

        // Only what the network does may be tried again, not what the disk does.
        async Task<T> Network<T>(Func<Task<T>> read)
        {
            try
            {
                return await read();
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw Broken($"nothing came for {options.Timeout.TotalSeconds} seconds after {stream.Length} of {info.Size} bytes");
            }
            catch (Exception e) when (e is IOException or HttpRequestException)
            {
                throw Broken($"the connection broke after {stream.Length} of {info.Size} bytes", cause: e);
            }
        }
    }

    private static async Task AppendExistingAsync(FileStream stream, ContentHash hash, CancellationToken cancellationToken)
    {
        stream.Position = 0;
        var buffer = new byte[BufferSize];
        while (await stream.ReadAsync(buffer, cancellationToken) is > 0 and var count) hash.Append(buffer.AsSpan(0, count));
    }

    private static void Restart(FileStream stream, ContentHash hash)
    {
        stream.SetLength(0);
        hash.Restart();
    }

    private HubException Broken(string problem, HubError error = HubError.Unreachable, Exception? cause = null) =>
        new(error, $"{file}: {problem}.", cause) { IsTransient = true };

    private void Report(long done)
    {
        _reported = done;
        options.Progress?.Report(new HubProgress(file, done, info.Size));
    }

    private static void CheckSpace(string path, long bytes)
    {
        long free;
        try
        {
            free = new DriveInfo(Path.GetDirectoryName(path)!).AvailableFreeSpace;
        }
        catch (Exception e) when (e is ArgumentException or IOException or UnauthorizedAccessException)
        {
            return; // a network share on Windows, of which the system doesn't say it
        }
        if (free < bytes) throw new IOException($"'{path}' needs {bytes} bytes more, and the disk has {free} free.");
    }
}
