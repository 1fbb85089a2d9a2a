using AltClip.Hub;

namespace AltClip.Tests.Hub;

/// <summary>A server, an empty cache, and options that join them and wait for nothing.</summary>
public abstract class HubTest : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeHub _hub = new();

    private protected HubTest() => Options = new HubOptions(new HubEnvironment(_ => null))
    {
        Endpoint = _hub.Address,
        CacheFolder = _folder.File("hub"),
        Delay = (wait, _) =>
        {
            Waits.Add((int)wait.TotalSeconds);
            return Task.CompletedTask;
        },
    };

    private protected FakeHub Server => _hub;

    private protected TemporaryFolder Folder => _folder;

    private protected HubOptions Options { get; set; }

    /// <summary>The seconds it would have waited.</summary>
    private protected List<int> Waits { get; } = [];

    private protected HubClient Client => new(Options);

    /// <summary>The model's folder in the cache.</summary>
    private protected string ModelFolder => Path.Combine(Options.CacheFolder, "models--BAAI--AltCLIP");

    private protected static byte[] Weights { get; } = [.. Enumerable.Range(0, 16384).Select(i => (byte)i)];

    public virtual void Dispose()
    {
        _hub.Dispose();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected string InModel(params string[] parts) => Path.Combine([ModelFolder, .. parts]);

    private protected string Blob(string file) => InModel("blobs", FakeHub.Etag(file, Server.Files[file]));

    /// <summary>The paths below a folder, links with their targets, in order.</summary>
    private protected static string[] Tree(string folder) =>
    [
        .. Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
            .Select(path => new FileInfo(path))
            .Select(file => $"{Path.GetRelativePath(folder, file.FullName)} {(file.LinkTarget is { } target ? $"-> {target}" : file.Length)}")
            .Order(StringComparer.Ordinal),
    ];
}
