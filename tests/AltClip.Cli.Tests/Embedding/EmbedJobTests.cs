using AltClip.Search.Tests;
using AltClip.Tests;
using TorchSharp;
using Xunit;

namespace AltClip.Cli.Tests;

/// <summary>A worker's share, undisturbed and disturbed.</summary>
[Collection<EmojiCollection>]
public sealed class EmbedJobTests(EmojiPipeline model) : JobTest(model)
{
    [Fact]
    public void NoInputsAreAnError()
    {
        var folder = Pictures(0);
        File.WriteAllText(Path.Combine(folder, "notes.txt"), "no picture");
        var error = Assert.Throws<EmbedException>(() => EmbedJob.Open(Request(folder)));
        Assert.StartsWith($"There are no inputs in {folder}; 1 files and folders there are hidden or not called as JPEG", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EmbeddingsAreThoseOfThePipeline()
    {
        var pictures = Pictures(10);
        var summary = await RunAsync(Request(pictures, format: EmbeddingFormat.Parquet));
        Assert.Equal((10, 10, 0, 0), (summary.Inputs, summary.Embedded, summary.Failed, summary.FromBefore));
        Assert.True(summary.StageSeconds is { Read: > 0, Prepare: > 0, Encode: > 0, Write: > 0 });
        var found = Tables.Embeddings(Path.Combine(Output, "*", "*", "embeddings.parquet"));
        var expected = await Pipeline.EncodeImagesAsync(found.Select(row => ImageSource.FromFile(Path.Combine(pictures, row.Id))))
            .Select(image => image.Embedding.ToArray()).ToArrayAsync(TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(0, 10).Select(i => ($"{i:D4}.png", i)), found.Select(row => (row.Id, row.Index)));
        foreach (var (own, other) in found.Zip(expected)) Assert.Equal(other, own.Embedding, (a, b) => MathF.Abs(a - b) < 1e-5f);
    }

    [Fact]
    public async Task ShardsTogetherAreTheWhole()
    {
        var pictures = Pictures(23, 5);
        foreach (var shard in Shard.All(4)) await RunAsync(Request(pictures, shard));
        var sharded = await RowsAsync();
        Assert.Equal((22, 1, true), await VerifiedAsync());
        Directory.Delete(Output, recursive: true);
        await RunAsync(Request(pictures, partSize: 100));
        var whole = await RowsAsync();
        Assert.Equal(whole.Select(row => (row.Id, row.Index)), sharded.Select(row => (row.Id, row.Index)));
        foreach (var (one, other) in whole.Zip(sharded)) Assert.Equal(one.Embedding, other.Embedding, (a, b) => MathF.Abs(a - b) < 1e-5f);
    }

    [Fact]
    public async Task BadPicturesAreListedAndStopNothing()
    {
        var summary = await RunAsync(Request(Pictures(10, 0, 4, 5, 6, 7)));
        Assert.Equal((5, 5), (summary.Embedded, summary.Failed));
        Assert.Equal([1, 2, 3, 8, 9], (await RowsAsync()).Select(row => row.Index));
        var errors = Parts().SelectMany(part => File.Exists(Path.Combine(part, "errors.jsonl"))
            ? JobJson.ReadLines<FailedInput>(Path.Combine(part, "errors.jsonl")) : []).ToArray();
        Assert.Equal([0, 4, 5, 6, 7], errors.Select(error => error.Index));
        Assert.All(errors, error => Assert.Contains(error.Id, error.Error));
        Assert.Equal((5, 5, true), await VerifiedAsync());
    }

    [Fact]
    public async Task AStoppedRunGoesOnAfterItsFinishedParts()
    {
        var request = Request(Pictures(16));
        using (var stop = new CancellationTokenSource())
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(
                () => RunAsync(request, state => { if (state.Parts == 2) stop.Cancel(); }, stop.Token));
        }
        Assert.InRange(Parts().Length, 2, 3);
        Assert.Empty(Directory.GetFileSystemEntries(Output, "*unfinished*", SearchOption.AllDirectories));
        var before = Parts().Select(part => (part, Directory.GetLastWriteTimeUtc(part))).ToArray();

        var summary = await RunAsync(request);
        Assert.Equal((16, before.Length * 4), (summary.Embedded, summary.FromBefore));
        Assert.All(before, part => Assert.Equal(part.Item2, Directory.GetLastWriteTimeUtc(part.part)));
        Assert.Equal((16, 0, true), await VerifiedAsync());
    }

    [Fact]
    public async Task PartsInTheMiddleAreMadeAgain()
    {
        var request = Request(Pictures(20));
        await RunAsync(request);
        var expected = await RowsAsync();
        Directory.Delete(Parts()[1], recursive: true);
        Directory.Delete(Parts()[2], recursive: true); // the fourth, once the second is gone
        File.Delete(Path.Combine(Output, Shard.Whole.Name, "complete.json"));
        Assert.Equal(12, (await RunAsync(request)).FromBefore);
        var found = await RowsAsync();
        Assert.Equal(expected.SelectMany(row => row.Embedding), found.SelectMany(row => row.Embedding));
        Assert.Equal(expected.Select(row => row.Id), found.Select(row => row.Id));
    }

    [Fact]
    public async Task ACompleteShardIsLeftAtOnce()
    {
        var request = Request(Pictures(5, 2));
        await RunAsync(request);
        // Neither are its inputs looked at.
        foreach (var picture in Directory.GetFiles(request.Settings.Inputs[0])) File.Delete(picture);
        var job = EmbedJob.Open(request);
        Assert.True(job.IsComplete);
        var summary = await job.RunAsync(null, null, CancellationToken.None);
        Assert.Equal((5, 4, 1, 5), (summary.Inputs, summary.Embedded, summary.Failed, summary.FromBefore));
    }

    [Fact]
    public async Task APartThatACompleteShardHasLostIsMadeAgain()
    {
        var request = Request(Pictures(10, 5));
        await RunAsync(request);
        File.Copy(TestData.Path("emoji", "pizza.png"), Path.Combine(request.Settings.Inputs[0], "0005.png"), overwrite: true);
        Directory.Delete(Parts()[1], recursive: true);
        Assert.Equal(1, EmbedJob.Open(request).LostParts);
        var summary = await RunAsync(request);
        Assert.Equal((10, 10, 0, 6), (summary.Inputs, summary.Embedded, summary.Failed, summary.FromBefore));
        Assert.Equal((10, 0, true), await VerifiedAsync());
        // What says that all is there counts what there is now.
        Assert.Equal(10, EmbedJob.Open(request).Progress.Done);
        Assert.Equal(0, EmbedJob.Open(request).Progress.Failed);

        Directory.Delete(Parts()[0], recursive: true);
        File.Delete(Path.Combine(request.Settings.Inputs[0], "0009.png"));
        Assert.Contains("others than when", Assert.Throws<EmbedException>(() => EmbedJob.Open(request)).Message);
    }

    [Fact]
    public async Task TwoWorkersOnOneShardMakeItOnce()
    {
        var request = Request(Pictures(24));
        var jobs = new[] { EmbedJob.Open(request), EmbedJob.Open(request) };
        var summaries = await Task.WhenAll(jobs.Select(job => Task.Run(() => job.RunAsync(Pipeline, null, CancellationToken.None))));
        Assert.All(summaries, summary => Assert.Equal(24, summary.Embedded));
        Assert.Equal((24, 0, true), await VerifiedAsync());
        Assert.Empty(Directory.GetFileSystemEntries(Output, "*unfinished*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task WhatAKilledWriterLeftIsDeletedWhenItIsOldOrTheShardComplete()
    {
        var request = Request(Pictures(8));
        var (old, recent) = (LeftOver("part-000000"), LeftOver("part-000001"));
        Directory.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddHours(-2));
        using (var stop = new CancellationTokenSource())
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(request, _ => stop.Cancel(), stop.Token));
        Assert.False(Directory.Exists(old));
        Assert.True(Directory.Exists(recent), "another worker may be writing it");
        await RunAsync(request);
        Assert.False(Directory.Exists(recent));
        Assert.Equal((8, 0, true), await VerifiedAsync());

        // Of what stands beside settings that are there, nobody will make any.
        var settings = Directory.CreateDirectory(Path.Combine(Output, $"job.json.unfinished-{Guid.NewGuid():N}")).FullName;
        Assert.True(EmbedJob.Open(request).IsComplete);
        Assert.False(Directory.Exists(settings));

        // Killed after the shard was complete, it is deleted by the next that looks.
        var late = LeftOver("complete.json");
        Assert.True(EmbedJob.Open(request).IsComplete);
        Assert.False(Directory.Exists(late));

        string LeftOver(string name)
        {
            var folder = Directory.CreateDirectory(Path.Combine(Output, Shard.Whole.Name, $"{name}.unfinished-{Guid.NewGuid():N}", name)).FullName;
            File.WriteAllText(Path.Combine(folder, "embeddings.jsonl"), "{\"id\":\"half");
            return Path.GetDirectoryName(folder)!;
        }
    }

    [Fact]
    public async Task OtherInputsAndOtherSettingsAreRefused()
    {
        var pictures = Pictures(8);
        var request = Request(pictures);
        await RunAsync(request);
        File.Delete(Path.Combine(Output, Shard.Whole.Name, "complete.json"));
        File.Delete(Path.Combine(pictures, "0003.png"));
        Assert.Contains("others than when", Assert.Throws<EmbedException>(() => EmbedJob.Open(request)).Message);
        Assert.Contains("number of shards", Refused(Request(pictures, new Shard(0, 2))));
        Assert.Contains("part size", Refused(Request(pictures, partSize: 5)));
        Assert.Contains("format", Refused(Request(pictures, format: EmbeddingFormat.Npy)));
        Assert.Contains("model", Refused(request with { Settings = request.Settings with { Model = "another" } }));
        Assert.Contains("inputs were", Refused(request with { Settings = request.Settings with { Inputs = [Folder] } }));

        static string Refused(EmbedRequest request) => Assert.Throws<ArgumentException>(() => EmbedJob.Open(request)).Message;
    }

    [Fact]
    public async Task AJobOfAVersionThatLeftIdsEqualGoesOnOnlyIfNoneAre()
    {
        var request = Request(Pictures(6));
        await RunAsync(request);
        Forget();
        Assert.Equal(IdForm.Short, EmbedJob.Open(request).Ids);
        var other = Directory.CreateDirectory(Path.Combine(Folder, "other", "pictures")).FullName;
        File.Copy(Path.Combine(Folder, "pictures", "0000.png"), Path.Combine(other, "0000.png"));
        request = request with { Output = Path.Combine(Folder, "both"), Settings = request.Settings with { Inputs = [.. request.Settings.Inputs, other] } };
        Assert.Equal(IdForm.Long, EmbedJob.Open(request).Ids);
        Forget();
        Assert.Contains("earlier version", Assert.Throws<ArgumentException>(() => EmbedJob.Open(request)).Message);

        void Forget()
        {
            var file = Path.Combine(request.Output, "job.json");
            File.WriteAllLines(file, File.ReadAllLines(file).Where(line => !line.Contains("\"ids\"")).Select(line => line.Replace("\"emoji\",", "\"emoji\"")));
        }
    }

    [Fact]
    public async Task TextsAreEmbedded()
    {
        var list = Path.Combine(Folder, "texts.txt");
        string[] texts = ["a penguin", "一只企鹅", "pizza", "un volcan", "une guitare"];
        File.WriteAllLines(list, texts);
        await RunAsync(Request(list, texts: true));
        var rows = await RowsAsync();
        var expected = await Pipeline.EncodeTextAsync(texts, TestContext.Current.CancellationToken);
        foreach (var (row, other) in rows.Zip(expected, (row, other) => (row, other)))
            Assert.Equal(other, row.Embedding, (a, b) => MathF.Abs(a - b) < 1e-5f);
    }

    [Fact]
    public async Task NoTensorIsLeft()
    {
        var pictures = Pictures(9, 1);
        await RunAsync(Request(pictures));
        Directory.Delete(Output, recursive: true);
        var before = LiveTensors.Count();
        await RunAsync(Request(pictures));
        Assert.Equal(before, torch.Tensor.TotalCount);
        Directory.Delete(Output, recursive: true);
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(Request(pictures), _ => stop.Cancel(), stop.Token));
        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    private async Task<(long Embedded, long Failed, bool IsWhole)> VerifiedAsync()
    {
        var report = await JobVerifier.VerifyAsync(Output);
        return (report.Embedded, report.Failed, report.IsWhole);
    }
}
