using System.Text.Json;
using AltClip.Tests;
using AltClip.Training.Data;
using AltClip.Training.Teacher;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Training.Tests;

[Collection(nameof(ProcessWide))]
public sealed class TeacherEmbeddingsTests : IDisposable
{
    private static readonly string[] Texts = ["ab", "a", "b a", "ba ab a", "a"];

    private readonly TemporaryFolder _folder = new();
    private readonly CLIPTextModelWithProjection _teacher = CLIPTextModelWithProjection.FromPretrained(TestData.Path("checkpoints", "clip-text-gelu"));
    private readonly CLIPTokenizer _tokenizer;

    public TeacherEmbeddingsTests()
    {
        var ids = new Dictionary<string, int> { ["a"] = 1, ["b"] = 2, ["a</w>"] = 3, ["b</w>"] = 4, ["ab</w>"] = 5, ["<|startoftext|>"] = 47, ["<|endoftext|>"] = 48 };
        File.WriteAllText(_folder.File("vocab.json"), JsonSerializer.Serialize(ids));
        File.WriteAllText(_folder.File("merges.txt"), "#version: 0.2\na b</w>\n");
        _tokenizer = CLIPTokenizer.FromPretrained(_folder.Path);
    }

    private string Stored => _folder.File("teacher.safetensors");

    public void Dispose()
    {
        _teacher.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void RowsAreTheTextsEmbeddings()
    {
        var done = new List<int>();
        TeacherEmbeddings.Compute(Stored, _teacher, _tokenizer, Texts, batchSize: 2, new Progress(done));
        Assert.Equal([2, 4, 5], done);
        using var scope = NewDisposeScope();
        using var stored = TeacherEmbeddings.Open(Stored, Texts);
        Assert.Equal((5, 24), (stored.Count, stored.Width));
        var inputs = _tokenizer.Encode(["ba ab a", "ab"]).ToTensors();
        Assert.True(stored.Rows([3, 0]).allclose(_teacher.forward(inputs["input_ids"], inputs["attention_mask"]).TextEmbeds, atol: 1e-6));
    }

    [Fact]
    public void ABatchIsEmbeddedWithoutBeingStored()
    {
        TeacherEmbeddings.Compute(Stored, _teacher, _tokenizer, Texts);
        using var scope = NewDisposeScope();
        using var stored = TeacherEmbeddings.Open(Stored, Texts);
        var embeds = TeacherEmbeddings.Embed(_teacher, _tokenizer, Texts);
        Assert.False(embeds.requires_grad);
        Assert.True(embeds.equal(stored.Rows([0, 1, 2, 3, 4])).all().item<bool>());
        LiveTensors.AssertUnchanged(() => TeacherEmbeddings.Embed(_teacher, _tokenizer, Texts).Dispose());
        Assert.Throws<ArgumentException>(() => TeacherEmbeddings.Embed(_teacher, _tokenizer, []));
    }

    [Fact]
    public void NothingStaysButWhatWasReturned() => LiveTensors.AssertUnchanged(() =>
    {
        TeacherEmbeddings.Compute(Stored, _teacher, _tokenizer, Texts);
        using var stored = TeacherEmbeddings.Open(Stored, Texts);
        using var rows = stored.Rows([1]);
    });

    [Fact]
    public void CancellationWritesNothing()
    {
        LiveTensors.AssertUnchanged(() => Assert.Throws<OperationCanceledException>(() => TeacherEmbeddings.Compute(
            Stored, _teacher, _tokenizer, Texts, cancellationToken: new CancellationToken(canceled: true))));
        Assert.Equal(["merges.txt", "vocab.json"], _folder.Files);
    }

    [Fact]
    public void OtherTextsAreRefused()
    {
        TeacherEmbeddings.Compute(Stored, _teacher, _tokenizer, Texts);
        LiveTensors.AssertUnchanged(() =>
        {
            Assert.Contains("5 other texts", Assert.Throws<DataSetException>(() => TeacherEmbeddings.Open(Stored, [.. Texts.Reverse()])).Message);
            Assert.Throws<DataSetException>(() => TeacherEmbeddings.Open(Stored, Texts[..4]));
            Assert.Throws<DataSetException>(() => TeacherEmbeddings.Open(TestData.Path("checkpoints", "clip-text-gelu", "model.safetensors"), Texts));
        });
    }

    [Fact]
    public void BadArgumentsAreRefusedByName()
    {
        Assert.Throws<ArgumentException>("texts", () => TeacherEmbeddings.Compute(Stored, _teacher, _tokenizer, []));
        Assert.Throws<ArgumentException>("texts", () => TeacherEmbeddings.Compute(Stored, _teacher, _tokenizer, ["a", null!]));
        TeacherEmbeddings.Compute(Stored, _teacher, _tokenizer, Texts);
        using var stored = TeacherEmbeddings.Open(Stored, Texts);
        Assert.Contains("0..4", Assert.Throws<ArgumentException>("rows", () => stored.Rows([5])).Message);
        Assert.Throws<ArgumentException>("rows", () => stored.Rows([]));
    }

    private sealed class Progress(List<int> done) : IProgress<int>
    {
        public void Report(int value) => done.Add(value);
    }
}
