using Xunit;

namespace AltClip.Tests.Hub;

/// <summary>Downloads of one large file.</summary>
public abstract class HubTransferTest : HubTest
{
    private protected const string Name = "model.safetensors";

    private protected HubTransferTest() => Server.Files[Name] = Weights;

    private protected string Incomplete => Blob(Name) + ".incomplete";

    /// <summary>The ranges that were asked for, null for the whole.</summary>
    private protected string?[] Ranges => [.. Server.Requests.Where(request => request.Method == "GET").Select(request => request["Range"])];

    private protected Task<string> DownloadAsync() => Client.DownloadFileAsync(FakeHub.Model, Name);

    private protected async Task AssertDownloadsAsync()
    {
        Assert.Equal(Weights, File.ReadAllBytes(await DownloadAsync()));
        Assert.Equal(Weights, File.ReadAllBytes(Blob(Name)));
        Assert.False(File.Exists(Incomplete));
    }

    /// <summary>Leaves what an earlier download would have.</summary>
    private protected void Leave(byte[] part)
    {
        Directory.CreateDirectory(InModel("blobs"));
        File.WriteAllBytes(Incomplete, part);
    }

    /// <summary>Changes the answer to one of the GET requests, counted from 0.</summary>
    private protected void OnGet(int number, Func<FakeReply, FakeReply> change)
    {
        var before = Server.Answer;
        Server.Answer = request =>
            before(request) ?? (request.Method == "GET" && Server.Gets == number + 1 ? change(Server.Honest(request)) : null);
    }

    /// <summary>The answer of a server that knows no ranges.</summary>
    private protected FakeReply Whole(FakeRequest request) => Server.Honest(request with { Headers = new Dictionary<string, string>() });
}
