namespace AltClip.Tests;

/// <summary>
/// A working folder with everything that pages name, where their code runs as it stands: the shipped model is at "path/to/AltCLIP", and is
/// what a cache of the Hub, without a network, has for "BAAI/AltCLIP".
/// </summary>
internal sealed class Desk : IDisposable
{
    private const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private readonly TemporaryFolder _folder = new();
    private readonly string _before = Environment.CurrentDirectory;
    private readonly Dictionary<string, string?> _environment = [];

    public Desk()
    {
        var model = Repository.Path("models", "altclip-emoji");
        Copy(model, "path/to/AltCLIP");
        Copy(model, "models/altclip-emoji");
        Copy(model, $"hub/models--BAAI--AltCLIP/snapshots/{Commit}");
        Write("hub/models--BAAI--AltCLIP/refs/main", Commit);
        foreach (var part in new[] { "text_encoder", "tokenizer" })
            Copy(TestData.Path("foreign", "altdiffusion", "fp16-bin", part), $"path/to/AltDiffusion/{part}");
        Copy(TestData.Path("emoji"), "tests/data/emoji");
        foreach (var (name, picture) in new[] { ("cat.jpg", "x_cat.jpg"), ("dog.jpg", "x_dog.jpg"), ("a.jpg", "x_cat.jpg"), ("b.jpg", "x_dog.jpg"), ("pool.jpg", "x_dog.jpg") })
            File.Copy(TestData.Path("images", "real", picture), Path(name));
        File.Copy(TestData.Path("emoji", "penguin.png"), Path("penguin.png"));
        File.Copy(System.IO.Path.Combine(model, "model.safetensors"), Path("model.safetensors"));
        Copy(TestData.Path("emoji"), "photos", "*.png");
        Copy(TestData.Path("emoji"), "imagenet/val/penguin", "penguin.png");
        Copy(TestData.Path("emoji"), "imagenet/val/pizza", "pizza.png");
        Write("captions.tsv", "filepath\ttitle\n" + string.Concat(Directory.GetFiles(Path("photos")).Order(StringComparer.Ordinal)
            .Select(file => $"photos/{System.IO.Path.GetFileName(file)}\t{System.IO.Path.GetFileNameWithoutExtension(file)}\n")));
        Write("captions.txt", string.Join('\n', Directory.GetFiles(Path("photos")).Select(file => System.IO.Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)) + "\n");
        foreach (var name in new[] { "penguin", "pizza", "rocket" }) Copy(TestData.Path("emoji"), $"pictures-by-class/{name}", $"{name}.png");
        Write("parallel.tsv", "penguin\t企鹅\nrocket\t火箭\npizza\t披萨\n");
        Write("zh_classnames.json", """{ "imagenet1k": ["企鹅", "披萨"] }""");
        Write("zh_zeroshot_classification_templates.json", """{ "imagenet1k": ["{c}", "一张{c}的图片"] }""");
        Write("flickr30k_cn_test.txt", "penguin.png#0\t企鹅\npizza.png#0\t披萨\n");
        Copy(TestData.Path("emoji"), "flickr30k-images", "*.png");
        Write("appsettings.json", """{ "AltClip": { "Model": "path/to/AltCLIP" } }""");
        Set("HF_HUB_CACHE", Path("hub"));
        Set("HF_HUB_OFFLINE", "1");
        Environment.CurrentDirectory = _folder.Path;
    }

    /// <summary>Puts there what else the repository has of its samples and its tests' data, where a system has links.</summary>
    public void AddRepository()
    {
        Directory.CreateSymbolicLink(Path("samples"), Repository.Path("samples"));
        foreach (var entry in Directory.GetFileSystemEntries(TestData.Folder).Where(entry => !System.IO.Path.Exists(Path($"tests/data/{System.IO.Path.GetFileName(entry)}"))))
            Directory.CreateSymbolicLink(Path($"tests/data/{System.IO.Path.GetFileName(entry)}"), entry);
    }

    public void Dispose()
    {
        Environment.CurrentDirectory = _before;
        foreach (var (name, value) in _environment) Environment.SetEnvironmentVariable(name, value);
        _folder.Dispose();
    }

    private string Path(string name) => _folder.File(name);

    private void Write(string name, string text)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path(name))!);
        File.WriteAllText(Path(name), text);
    }

    private void Copy(string source, string target, string pattern = "*")
    {
        Directory.CreateDirectory(Path(target));
        foreach (var file in Directory.GetFiles(source, pattern)) File.Copy(file, System.IO.Path.Combine(Path(target), System.IO.Path.GetFileName(file)));
    }

    private void Set(string name, string value)
    {
        _environment[name] = Environment.GetEnvironmentVariable(name);
        Environment.SetEnvironmentVariable(name, value);
    }
}
