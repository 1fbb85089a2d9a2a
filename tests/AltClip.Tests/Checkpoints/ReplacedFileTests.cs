using AltClip.Checkpoints;
using AltClip.Checkpoints.PyTorch;
using AltClip.Inference;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Tests;

/// <summary>Weights that are replaced while they are opened: what is read is one file or the other, never of both.</summary>
public class ReplacedFileTests : CheckpointTests
{
    public ReplacedFileTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows does not replace an open file.");

    [Fact]
    public void TheFileThatWasReadIsTheOneThatIsMapped()
    {
        using var scope = NewDisposeScope();
        using var file = TensorFile.Open(SaveEqual(Folder.File("x"), 1));
        TensorEntry[] entries = [.. new SafeTensorsHeaderReader(file).Read().Entries];
        File.Move(SaveEqual(Folder.File("y"), 2), file.Path, overwrite: true);
        file.Map(entries);

        Assert.Equal(2, entries.Length);
        Assert.All(entries, entry => Assert.Equal(1, file.Read(entry).to(ScalarType.Float32).mean().item<float>()));
    }

    [Fact]
    public void FilesThatShrinkBeforeTheyAreMappedAreNamed()
    {
        using var file = TensorFile.Open(SaveEqual(Folder.File("x"), 1));
        TensorEntry[] entries = [.. new SafeTensorsHeaderReader(file).Read().Entries];
        File.WriteAllBytes(file.Path, []);

        Assert.Contains($"'{file.Path}'", Assert.Throws<IOException>(() => file.Map(entries)).Message);
    }

    [Fact]
    public void ShardsAreThoseOfTheIndexThatWasRead()
    {
        var index = Folder.Write("model.safetensors.index.json", """{ "weight_map": { "x": "b.safetensors", "y": "a.safetensors" } }"""u8.ToArray());
        SaveEqual(Folder.File("a.safetensors"), 1);
        SaveEqual(Folder.File("b.safetensors"), 2);
        using var source = CheckpointFiles.Open(Folder.Path);
        File.WriteAllText(index, """{ "weight_map": { "x": "c.safetensors" } }""");

        Assert.Equal([Folder.File("a.safetensors"), Folder.File("b.safetensors")], source.Files);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TensorsAreOfOneFileHoweverOftenItIsReplaced(bool pickled)
    {
        byte[][] files = pickled ? [Zip("a", "b"), Zip("b", "other", "a")] : [SafeTensorsFile("a", "b"), SafeTensorsFile("b", "other", "a")];
        var path = Folder.Write("x", files[0]);

        Assert.Empty(await ReplacedFile.WhileReplacedAsync(path, files, 4000, () => Task.FromResult(WrongTensors(path, pickled))));
    }

    [Fact]
    public void WeightsThatAreCopiedAreOfTheFileThatWasOpened()
    {
        foreach (var file in Directory.GetFiles(TestData.Path("checkpoints", "base"))) File.Copy(file, Folder.File(Path.GetFileName(file)));
        var path = Folder.File("model.safetensors");
        var halved = Halved(path);
        using var scope = NewDisposeScope();
        using var expected = AltCLIPModel.FromPretrained(Folder.Path);
        using var model = AltCLIPModel.Load(new(Folder.Path, null, null), new(Outliving: new(_ =>
        {
            File.Move(Folder.Write("next", halved), path, overwrite: true);
            return true;
        })));

        Assert.All(expected.named_parameters().Zip(model.named_parameters()), pair =>
            Assert.Equal(TensorBytes.Of(pair.First.parameter), TensorBytes.Of(pair.Second.parameter)));
    }

    [Fact]
    public async Task APackedModelIsOfOneFileHoweverOftenItIsReplaced()
    {
        foreach (var file in Directory.GetFiles(TestData.Path("checkpoints", "base"))) File.Copy(file, Folder.File(Path.GetFileName(file)));
        var path = Folder.File("model.safetensors");
        byte[][] files = [File.ReadAllBytes(path), Halved(path)];
        var embeddings = files.Select(file =>
        {
            File.WriteAllBytes(path, file);
            return Embedding();
        }).ToHashSet();

        Assert.Equal(files.Length, embeddings.Count);
        var found = await ReplacedFile.WhileReplacedAsync(path, files, 8, () => Task.FromResult<IEnumerable<string>>([Embedding()]));
        Assert.DoesNotContain(found, embedding => !embeddings.Contains(embedding));

        string Embedding()
        {
            using var scope = NewDisposeScope();
            using var model = AltCLIPInference.FromPretrained(Folder.Path, new() { Towers = InferenceTowers.Text });
            return TensorBytes.Of(model.get_text_features(tensor(new long[,] { { 0, 5, 6, 7, 2 } })));
        }
    }

    private static IEnumerable<string> WrongTensors(string path, bool pickled)
    {
        using var scope = NewDisposeScope();
        using ITensorSource file = pickled ? PyTorchCheckpoint.Open(path) : SafeTensors.Open(path);
        return (string[])[.. file.Names.Where(name => !file.Read(name).data<float>().All(number => number == Value(name)))];
    }

    /// <summary>What all elements of a tensor of that name are.</summary>
    private static float Value(string name) => name[0];

    private static string SaveEqual(string path, int value)
    {
        using var scope = NewDisposeScope();
        SafeTensors.Save(path, new Dictionary<string, Tensor> { ["x"] = full(100, value), ["y"] = full(100, value, dtype: ScalarType.Float16) });
        return path;
    }

    private byte[] SafeTensorsFile(params string[] names)
    {
        using var scope = NewDisposeScope();
        SafeTensors.Save(Folder.File("made"), names.ToDictionary(name => name, name => full(100 * names.Length, Value(name))));
        return File.ReadAllBytes(Folder.File("made"));
    }

    private byte[] Halved(string path)
    {
        using var scope = NewDisposeScope();
        using var file = SafeTensors.Open(path);
        SafeTensors.Save(Folder.File("made"), file.Names.ToDictionary(name => name, name => file[name] * 0.5), file.Metadata);
        return File.ReadAllBytes(Folder.File("made"));
    }

    private static byte[] Zip(params string[] names)
    {
        var count = 100 * names.Length;
        var pickle = new PickleBuilder().OrderedDictionary().Op('(');
        foreach (var name in names) pickle.Text(name).Tensor(b => b.Storage("FloatStorage", name, count), 0, [count], [1]);
        return PickleBuilder.Zip(pickle.Op('u').Bytes, [.. names.Select(name => ($"data/{name}", Bytes(name, count)))]);
    }

    private static byte[] Bytes(string name, int count) => [.. Enumerable.Repeat(BitConverter.GetBytes(Value(name)), count).SelectMany(bytes => bytes)];
}
