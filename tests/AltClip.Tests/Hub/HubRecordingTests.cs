using System.Text.Json.Nodes;
using AltClip.Hub;
using Xunit;

namespace AltClip.Tests.Hub;

/// <summary>
/// What two versions of Python's huggingface_hub asked and left in the cache, recorded, is what we ask and leave after doing the same.
/// </summary>
public sealed class HubRecordingTests : HubTest
{
    private const string Resume = "a download that had stopped after 5,000 bytes";
    private const string Snapshot = "snapshot_download('BAAI/AltCLIP')";
    private const string LeftPart = "models--BAAI--AltCLIP/blobs/a1f259d4365ed4320c377ce26f5c8c56dcdc9a89e7b641bfd8eabfbbeac86654.incomplete 5000";
    private const string Tag = "CACHEDIR.TAG 191";

    public HubRecordingTests()
    {
        Server.Files["config.json"] = "{\"model_type\": \"altclip\"}"u8.ToArray();
        Server.Files["model.safetensors"] = Weights;
        Server.Files["sub/vocab.txt"] = "a\nb\n"u8.ToArray();
        Server.Revisions["v1"] = FakeHub.Commit;
        Server.NamesCommitOfMissing = false; // as the recording's server
    }

    [Theory]
    [InlineData("huggingface_hub-0.json")]
    [InlineData("huggingface_hub-1.json")]
    public async Task LeavesWhatPythonLeaves(string recording)
    {
        foreach (var act in Acts(recording))
        {
            var returns = (string)act["returns"]!;
            if ((string)act["act"]! == Snapshot && !returns.StartsWith("HF_HOME", StringComparison.Ordinal)) continue; // the recording failed
            Server.Requests.Clear();
            var path = await PerformAsync((string)act["act"]!);
            Assert.Equal(returns.StartsWith("HF_HOME", StringComparison.Ordinal) ? returns.Replace("HF_HOME", Folder.Path) : "none", path);
            // Version 2 neither goes on where a download stopped nor removes the part; version 0 makes no tag.
            Assert.Equal(Recorded(act).Append(Tag).Except([LeftPart]).Distinct().Order(StringComparer.Ordinal), Tree(Options.CacheFolder));
        }
    }

    [Fact]
    public async Task AsksWhatPythonAsks()
    {
        foreach (var act in Acts("huggingface_hub-0.json"))
        {
            Server.Requests.Clear();
            await PerformAsync((string)act["act"]!);
            if ((string)act["act"]! == Snapshot) continue; // we have no need of its list of all files
            // The bytes are asked for at the commit that the answer before named, so that both are of one file.
            Assert.Equal(
                act["requests"]!.AsArray().Select(request => (string)request!["method"]! == "GET"
                    ? $"GET {((string)request["path"]!).Replace("/main/", $"/{FakeHub.Commit}/")} {request["headers"]!["Range"]}"
                    : $"HEAD {request["path"]} "),
                Server.Requests.Select(request => $"{request} {request["Range"]}"));
            Assert.All(Server.Requests, request => Assert.Equal("identity", request["Accept-Encoding"]));
        }
    }

    [Theory]
    [InlineData("huggingface_hub-0.json")]
    [InlineData("huggingface_hub-1.json")]
    public async Task FindsWhatPythonLeft(string recording)
    {
        foreach (var entry in Acts(recording)[^3]["cache_after"]!.AsArray()) Restore(entry!);
        var before = Tree(Options.CacheFolder);
        foreach (var revision in (string[])["main", "v1", FakeHub.Commit])
        {
            Assert.Equal(Server.Files["config.json"], File.ReadAllBytes(await Client.DownloadFileAsync(FakeHub.Model, "config.json", revision)));
            Assert.Equal(Weights, File.ReadAllBytes(await Client.DownloadFileAsync(FakeHub.Model, "model.safetensors", revision)));
        }
        Assert.Equal(0, Server.Gets);
        Assert.Equal(4, Server.Requests.Count); // none for the commit, which can't change
        Assert.Equal(before, Tree(Options.CacheFolder));

        Options = Options with { Offline = true };
        Server.Requests.Clear();
        Assert.Equal(Weights, File.ReadAllBytes(await Client.DownloadFileAsync(FakeHub.Model, "model.safetensors")));
        Assert.Empty(Server.Requests);
    }

    private static JsonNode[] Acts(string recording) =>
        [.. JsonNode.Parse(File.ReadAllText(TestData.Path("hub", recording)))!["acts"]!.AsArray().Select(act => act!)];

    private static IEnumerable<string> Recorded(JsonNode act) => act["cache_after"]!.AsArray().Select(
        entry => $"{((string)entry!["path"]!)["hub/".Length..]} {(entry["link"] is { } link ? $"-> {link}" : entry["bytes"])}");

    private async Task<string> PerformAsync(string act)
    {
        var offline = new HubClient(Options with { Offline = true });
        switch (act)
        {
            case "hf_hub_download('BAAI/AltCLIP','config.json')" or "the same again":
                return await Client.DownloadFileAsync(FakeHub.Model, "config.json");
            case Snapshot:
                await Client.DownloadFileAsync(FakeHub.Model, "model.safetensors");
                var vocabulary = await Client.DownloadFileAsync(FakeHub.Model, "sub/vocab.txt");
                return Path.GetDirectoryName(Path.GetDirectoryName(vocabulary))!;
            case "revision='v1'":
                return await Client.DownloadFileAsync(FakeHub.Model, "model.safetensors", "v1");
            case "a file that is not there":
                var missing = await Assert.ThrowsAsync<HubException>(() => Client.DownloadFileAsync(FakeHub.Model, "pytorch_model.bin"));
                Assert.Equal(HubError.FileNotFound, missing.Error);
                return "none";
            case "local_files_only, cached":
                return await offline.DownloadFileAsync(FakeHub.Model, "config.json");
            case "local_files_only, not cached":
                var absent = await Assert.ThrowsAsync<HubException>(() => offline.DownloadFileAsync(FakeHub.Model, "pytorch_model.bin"));
                Assert.Equal(HubError.Offline, absent.Error);
                return "none";
            case Resume:
                Directory.Delete(InModel("snapshots"), recursive: true);
                File.Delete(Blob("model.safetensors"));
                File.WriteAllBytes(Blob("model.safetensors") + ".incomplete", Weights[..5000]);
                return await Client.DownloadFileAsync(FakeHub.Model, "model.safetensors");
            default:
                throw new InvalidDataException($"The recording has an act that is not known here: {act}.");
        }
    }

    private void Restore(JsonNode entry)
    {
        var path = Folder.File((string)entry["path"]!);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if ((string?)entry["link"] is { } link) File.CreateSymbolicLink(path, link);
        else if (entry["text"] is { } text) File.WriteAllText(path, (string)text!);
        else File.WriteAllBytes(path, path.EndsWith("TAG", StringComparison.Ordinal) ? new byte[(int)entry["bytes"]!] : Weights);
    }
}
