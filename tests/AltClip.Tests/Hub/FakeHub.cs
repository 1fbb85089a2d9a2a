using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace AltClip.Tests.Hub;

/// <summary>
/// A server on this machine that answers as the Hub does for one model, or otherwise where a test says so. One request a connection, so that
/// it can break.
/// </summary>
internal sealed class FakeHub : IDisposable
{
    public const string Model = "BAAI/AltCLIP";
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();

    public FakeHub()
    {
        _listener.Start();
        Address = $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";
        _ = AcceptAsync();
    }

    public string Address { get; }

    public ConcurrentDictionary<string, byte[]> Files { get; } = [];

    /// <summary>The commits of branches and tags.</summary>
    public ConcurrentDictionary<string, string> Revisions { get; } = new() { ["main"] = Commit };

    /// <summary>Answers instead of the Hub, where it does not give null.</summary>
    public Func<FakeRequest, FakeReply?> Answer { get; set; } = _ => null;

    public ConcurrentQueue<FakeRequest> Requests { get; } = [];

    /// <summary>Whether the answer for a missing file names the commit, as the Hub's does.</summary>
    public bool NamesCommitOfMissing { get; set; } = true;

    public IEnumerable<string> Asked => Requests.Select(request => request.ToString());

    public int Gets => Requests.Count(request => request.Method == "GET");

    /// <summary>What the Hub calls the bytes of a file: SHA-256 for large files, git's hash for others.</summary>
    public static string Etag(string file, byte[] bytes) => Path.GetExtension(file) is ".safetensors" or ".bin"
        ? Convert.ToHexStringLower(SHA256.HashData(bytes))
        : Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {bytes.Length}\0"), .. bytes]));

    public static string Url(string file, string revision = Commit) => $"/{Model}/resolve/{revision}/{file}";

    /// <summary>Serves the files of a folder.</summary>
    public void Add(string folder)
    {
        foreach (var path in Directory.GetFiles(folder)) Files[Path.GetFileName(path)] = File.ReadAllBytes(path);
    }

    /// <summary>The answer of a Hub without faults.</summary>
    public FakeReply Honest(FakeRequest request)
    {
        var parts = request.Path.Split('/', 6);
        if (parts is not ["", "BAAI", "AltCLIP", "resolve", var escaped, var file])
            return new(404) { Headers = { ["X-Error-Code"] = "RepoNotFound" } };
        var revision = Uri.UnescapeDataString(escaped);
        if (!Revisions.TryGetValue(revision, out var commit)) commit = Revisions.Values.FirstOrDefault(value => value == revision);
        if (commit is null) return new(404) { Headers = { ["X-Error-Code"] = "RevisionNotFound" } };
        if (!Files.TryGetValue(file, out var bytes))
        {
            var missing = new FakeReply(404) { Headers = { ["X-Error-Code"] = "EntryNotFound" } };
            if (NamesCommitOfMissing) missing.Headers["X-Repo-Commit"] = commit;
            return missing;
        }
        var from = request["Range"] is { } range ? int.Parse(range["bytes=".Length..^1], CultureInfo.InvariantCulture) : 0;
        var reply = new FakeReply(from > 0 ? 206 : 200, bytes[from..])
        {
            Headers = { ["ETag"] = $"\"{Etag(file, bytes)}\"", ["X-Repo-Commit"] = commit },
        };
        if (from > 0) reply.Headers["Content-Range"] = $"bytes {from}-{bytes.Length - 1}/{bytes.Length}";
        return reply;
    }

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                await using var stream = client.GetStream();
                var request = await ReadAsync(stream);
                Requests.Enqueue(request);
                await WriteAsync(stream, client, request, Answer(request) ?? Honest(request));
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
                // the client left
            }
        }
    }

    private async Task<FakeRequest> ReadAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
        var start = (await reader.ReadLineAsync(_stop.Token) ?? throw new IOException("nothing was asked")).Split(' ');
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (await reader.ReadLineAsync(_stop.Token) is { Length: > 0 } line)
        {
            var colon = line.IndexOf(':');
            headers[line[..colon]] = line[(colon + 1)..].Trim();
        }
        return new FakeRequest(start[0], start[1], headers);
    }

    private async Task WriteAsync(NetworkStream stream, TcpClient client, FakeRequest request, FakeReply reply)
    {
        var head = new StringBuilder($"HTTP/1.1 {reply.Status} Answer\r\nConnection: close\r\n");
        if (reply.Length != -1) head.Append($"Content-Length: {reply.Length ?? reply.Body.Length}\r\n");
        foreach (var (name, value) in reply.Headers) head.Append($"{name}: {value}\r\n");
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{head}\r\n"), _stop.Token);
        if (request.Method == "HEAD") return;
        await stream.WriteAsync(reply.Body.AsMemory(0, reply.BreakAfter ?? reply.StallAfter ?? reply.Body.Length), _stop.Token);
        for (var at = reply.StallAfter; reply.Drips && at < reply.Body.Length; at++)
        {
            await stream.WriteAsync(reply.Body.AsMemory(at.Value, 1), _stop.Token);
            await Task.Delay(TimeSpan.FromSeconds(1), _stop.Token);
        }
        // Until the client gives up, and closes.
        if (reply.StallAfter is not null) await stream.CopyToAsync(Stream.Null, _stop.Token);
        // What is sent has to arrive before the break does, hence no reset.
        if (reply.BreakAfter is not null) client.Client.Shutdown(SocketShutdown.Both);
    }
}
