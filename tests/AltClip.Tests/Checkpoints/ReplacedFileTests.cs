using Xunit;
using static TorchSharp.torch;

namespace AltClip.Tests;

/// <summary>Files that are replaced, as a save does it, while they are opened: what is read is one file or the other, never of both.</summary>
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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TensorsAreOfOneFileHoweverOftenItIsReplaced(bool pickled)
    {
        byte[][] files = pickled ? [Zip("a", "b"), Zip("b", "other", "a")] : [SafeTensorsFile("a", "b"), SafeTensorsFile("b", "other", "a")];
        var path = Folder.Write("x", files[0]);

        Assert.Empty(await WhileReplacedAsync(path, files, 4000, () => WrongTensors(path, pickled)));
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
        Assert.DoesNotContain(await WhileReplacedAsync(path, files, 20, () => [Embedding()]), embedding => !embeddings.Contains(embedding));

        string Embedding()
        {
            using var scope = NewDisposeScope();
            using var model = AltCLIPInference.FromPretrained(Folder.Path, new() { Towers = InferenceTowers.Text });
            return TensorBytes.Of(model.get_text_features(tensor(new long[,] { { 0, 5, 6, 7, 2 } })));
        }
    }

    /// <summary>Reads a file again and again while it is replaced by one after the other.</summary>
    private async Task<List<string>> WhileReplacedAsync(string path, byte[][] files, int times, Func<IEnumerable<string>> read)
    {
        using var done = new CancellationTokenSource();
        var replacing = Task.Run(() =>
        {
            for (var i = 1; !done.IsCancellationRequested; i++) File.Move(Folder.Write("next", files[i % files.Length]), path, overwrite: true);
        });
        try
        {
            return [.. Enumerable.Range(0, times).SelectMany(_ => read())];
        }
        finally
        {
            await done.CancelAsync();
            await replacing;
        }
    }

    private static List<string> WrongTensors(string path, bool pickled)
    {
        using var scope = NewDisposeScope();
        using ITensorSource file = pickled ? PyTorchCheckpoint.Open(path) : SafeTensors.Open(path);
        return [.. file.Names.Where(name => !file.Read(name).data<float>().All(number => number == Value(name)))];
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
