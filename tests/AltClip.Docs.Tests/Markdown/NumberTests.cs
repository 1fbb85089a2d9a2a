using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using AltClip.Checkpoints;
using AltClip.Imaging.Magick;
using AltClip.Search.Postgres;
using Xunit;

namespace AltClip.Docs.Tests;

/// <summary>
/// Numbers that pages give are those of the code and of the files here. Those that were measured can't be: a table of them stands where a machine and a
/// command are named.
/// </summary>
public sealed partial class NumberTests
{
    private static readonly string Model = Repository.Path("models", "altclip-emoji");

    private static readonly Lazy<Dictionary<string, Statement>> Known = new(() => All().ToDictionary(statement => statement.ToString()));

    public static TheoryData<string> Statements => [.. Known.Value.Keys];

    public static TheoryData<string> Pages => [.. Repository.Files(".md").Where(name => name != "CHANGELOG.md")];

    [Theory]
    [MemberData(nameof(Statements))]
    public void NumbersAreThose(string text) => Known.Value[text].AssertHolds();

    [Fact]
    public void AnotherNumberIsNoticed()
    {
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => new Statement("opset {}", 1).AssertHolds());
        Assert.Contains("expected 1.", Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => new Statement("Opset {}", 1).AssertHolds()).Message);
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => new Statement("Opset {}", [null]).AssertHolds());
    }

    /// <summary>Where a table is one of numbers, its section, or the one around it, says on what machine they were measured, or links to where that stands.</summary>
    [Theory]
    [MemberData(nameof(Pages))]
    public void TablesOfMeasurementsSayHow(string name)
    {
        var sections = new List<(int Level, string Text)>();
        foreach (var section in Section().Split(File.ReadAllText(Repository.Path(name))))
        {
            var level = section.TakeWhile(c => c == '#').Count();
            sections.RemoveAll(around => level > 0 && around.Level >= level);
            sections.Add((level, section));
            var around = string.Concat(sections.Select(one => one.Text));
            Assert.All(Table().Matches(section).Where(table => IsMeasured(table.Value)), table => Assert.True(
                Machine().IsMatch(around) && Command().IsMatch(around), $"{name}: the machine or the command of this table isn't said:\n{table.Value}"));
        }
    }

    /// <summary>The plan for billions of pictures follows from the seconds that were measured.</summary>
    [Fact]
    public void ThePlanIsComputed()
    {
        const double pictures = 5e9, cores = 10_000, bytes = 106e3, part = 4096;
        var page = File.ReadAllText(Repository.Path("docs", "scale-out.md"));
        var seconds = Cost().Matches(page).Select(row => double.Parse(row.Groups["seconds"].Value, CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(3, seconds.Count);
        string Row(Func<double, double> value) => string.Join(" | ", seconds.Select(s => Rounded(value(s))));
        Assert.Equal(seconds.Select(s => Rounded(1 / s)), Cost().Matches(page).Select(row => row.Groups["rate"].Value));
        Assert.Contains($"| core hours | {Row(s => pictures * s / 3600)} |", page);
        Assert.Contains($"| days on {cores:N0} such cores | {Row(s => pictures * s / 3600 / 24 / cores)} |", page);
        Assert.Contains($"| reading, all workers together | {string.Join(" | ", seconds.Select(s => $"{Rounded(bytes * cores / s / 1e9, 1)} GB/s"))} |", page);
        Assert.Contains($"| pictures, at {bytes / 1e3:0} KB | {pictures * bytes / 1e12:0} TB |", page);
        Assert.Contains($"768 float32, {768 * 4:N0} bytes, and an id | {pictures * 768 * 4 / 1e12:0.0} TB", page);
        Assert.Contains($"files: {Math.Round(pictures / part / 1e4) * 1e4:N0} parts of {part:N0}", page);
        Assert.Contains($"5,000 of 1,000,000 pictures: {1e6 * seconds[1] / 3600:0} core hours in bfloat16", page);
        Assert.Contains($"{part:N0} pictures, {part * seconds[1] / 60 / 2:0} minutes of two cores. `verify` reads the {pictures * 768 * 4 / 1e12:0.0} TB", page);
    }

    /// <summary>The job on SLURM is as large as the page of embedding says.</summary>
    [Fact]
    public void TheJobOnSlurmIsThat()
    {
        var (test, worker) = (File.ReadAllText(Repository.Path("deploy", "slurm", "test.sh")), File.ReadAllText(Repository.Path("deploy", "slurm", "altclip-embed.sbatch")));
        int Said(Regex regex, string script) => int.Parse(regex.Match(script).Groups["number"].Value, CultureInfo.InvariantCulture);
        // Each round has the pictures of emoji and one file that is none.
        var (rounds, pictures) = (Said(Rounds(), test), Directory.GetFiles(TestData.Path("emoji"), "*.png").Length);
        new Statement("{} shards over {} inputs, of which {} are broken", Said(LastTask(), test) + 1, rounds * (pictures + 1), rounds).AssertHolds();
        new Statement("worker died is requeued up to {} times", Said(Restarts(), worker)).AssertHolds();
    }

    /// <summary>How many emoji the model knows: Noto has drawn each.</summary>
    internal static int Emoji(JsonNode scores) => Scored(scores["artists"]!["noto"]!);

    private static IEnumerable<Statement> All()
    {
        var config = AltCLIPConfig.FromPretrained(Model);
        var (text, vision) = (config.TextConfig, config.VisionConfig);
        var threshold = JsonNode.Parse(File.ReadAllText(Path.Combine(Model, "thresholds.json")))!["rejection"]!;
        var scores = JsonNode.Parse(File.ReadAllText(Path.Combine(Model, "scores.json")))!;
        var languages = scores["languages"]!.AsObject().Count;
        // English has a name for each emoji.
        IEnumerable<JsonNode> Conditions(string of) => scores["conditions"]!.AsObject().Select(condition => condition.Value![of]!);
        int Artist(string name) => Scored([scores["artists"]![name]!, .. Conditions(name)]);
        var (emoji, pictures) = (Emoji(scores), Scored([scores["languages"]!["en"]!, .. Conditions("trained artists")]) + Artist("emojione"));
        var (gigabytes, parameters) = (Math.Round(Full() * 4 / 1e9, 1), Full());
        long megabytes = Directory.GetFiles(Model).Sum(file => new FileInfo(file).Length) / 1_000_000;
        var torch = Repository.VersionOf("TorchSharp");

        // What is compared, and with which versions.
        yield return new("every output of {} reference calls", Cases("models").AsArray().Count);
        yield return new("the full-size model with its {} parameters", parameters);
        var newest = Short((string)JsonNode.Parse(File.ReadAllText(TestData.Path("foreign", "configs", "strict-types.json")))!["transformers"]!);
        yield return new("made with transformers {} and {}, PyTorch {}, peft {} and Pillow {}",
            Short(Made("models", "transformers")), newest, Short(Made("models", "torch")), Short(Made("adapters", "peft")), Made("images", "pillow").Split('.')[0]);
        // Nothing here runs clip-retrieval: its version was looked up.
        yield return new("transformers {}, open_clip {}, clip-retrieval 2.45 and ONNX Runtime {}. They are",
            newest, Short(Made("training2", "open_clip")), Short(Repository.VersionOf("Microsoft.ML.OnnxRuntime")!));
        yield return new("TorchSharp {} needs libtorch", torch);
        yield return new("TorchSharp-cpu --version {}", torch);
        yield return new("the same version as TorchSharp's own, {}:", torch);
        yield return new("ImageSharp) {};", Repository.VersionOf("SixLabors.ImageSharp")!.Trim('[', ']'));
        yield return new("needs version {} exactly", Repository.VersionOf("SixLabors.ImageSharp")!.Trim('[', ']'));
        yield return new("has the about {} types that encoding takes", 5 * Math.Round(Repository.PublicTypes.Count(type => type.Namespace == "AltClip") / 5.0));

        yield return new("has the about {} types that it takes", 5 * Math.Round(Repository.PublicTypes.Count(type => type.Namespace == "AltClip") / 5.0));

        // The models.
        yield return new("pictures and names of {} emoji in {} languages", emoji, languages);
        yield return new("Among all {} English names", emoji);
        yield return new("Which of all {} names is nearest", emoji);
        yield return new(
            "All {} pictures and {} more of OpenMoji, each perturbed once; chance is {} % and {} %.", pictures, Artist("openmoji"), Math.Round(100.0 / emoji, 2), Math.Round(500.0 / emoji, 1));
        yield return new("It knows {} emoji, and no photographs", emoji);
        yield return new("{} emoji of Unicode (no flags), {} pictures of {}x{} pixels", emoji, pictures, vision.ImageSize, vision.ImageSize);
        yield return new("texts in {} languages go in, and", languages);
        yield return new("has all {} languages", languages);
        yield return new("from names in {} languages", languages);
        yield return new("names and keywords in {} languages", languages);
        yield return new("An AltCLIP of {} million parameters", Math.Round(Elements(Path.Combine(Model, "model.safetensors")) / 1e6, 1));
        yield return new("| image encoder | {} layers of width {}, {} heads, patches of {}x{} pixels, pictures of {}x{} |",
            vision.NumHiddenLayers, vision.HiddenSize, vision.NumAttentionHeads, vision.PatchSize, vision.PatchSize, vision.ImageSize, vision.ImageSize);
        yield return new("| text encoder | {} layers of width {}, {} heads, {} SentencePiece pieces, texts of up to {} tokens |",
            text.NumHiddenLayers, text.HiddenSize, text.NumAttentionHeads, text.VocabSize - 2, text.MaxPositionEmbeddings - 2);
        yield return new("| joint space | {} |", config.ProjectionDim);
        yield return new("(thresholds.json), {}.", (double)threshold["similarity"]!);
        yield return new("of {} pictures with ten wrong labels each {} % got one, and of those whose name was among ten labels {} % got none",
            (int)threshold["pictures"]!, Percent(threshold["false_accept_rate"]!), Percent(threshold["false_reject_rate"]!));
        yield return new("(models/altclip-emoji/README.md), {} MB", megabytes);
        yield return new("`models/altclip-emoji` of this repository, {} MB", megabytes);
        yield return new("needs no download: {} MB", megabytes);
        yield return new("({} GB)", gigabytes);
        yield return new("{} GB are", gigabytes);
        yield return new("{} GB, is then downloaded", gigabytes);
        yield return new("{} GB of memory in float32", gigabytes);
        yield return new("has {} GB in float32", gigabytes);

        // The samples.
        yield return new("the library in {} lines", 5 * Math.Round(Lines("FirstSteps").Count(line => line.Length > 0 && !line.StartsWith("//", StringComparison.Ordinal)) / 5.0));
        yield return new("(Program.cs), under {} lines", 10 * Math.Ceiling(Lines("LoraFineTuning").Length / 10.0));
        yield return new("Chance is {} %; there are {} test pictures", 100 / Pictures("train").Count, Pictures("test").Sum(of => of.Count));

        yield return new("The loss says that {} pictures are soon known by heart", Pictures("train").Sum(of => of.Count));

        // Defaults and bounds.
        var pgvector = CodeConstant.Of("AltClip.Search.Postgres", "Search.Postgres.PostgresTables", "OldestPgvector");
        yield return new("(https://github.com/pgvector/pgvector) {} or newer", pgvector);
        yield return new("PostgreSQL needs pgvector {} or newer", pgvector);
        yield return new("`ImageProcessingOptions.MaxPixels`, {} million", new ImageProcessingOptions().MaxPixels / 1_000_000);
        yield return new("| a pickle | {} MB, {} instructions, {} dimensions of a tensor |", Constant("Checkpoints.PyTorch.PyTorchFile", "MaxPickleBytes") >> 20,
            Constant("Checkpoints.PyTorch.Unpickler", "MostInstructions"), Constant("Checkpoints.PyTorch.PyTorchVocabulary", "MostDimensions"));
        yield return new("| sizes in `config.json` | 2^{} numbers in a tensor |", Math.Log2(Constant("Configuration.ConfigCheck", "MostNumbers")));
        yield return new("| a piece, an added token | {} characters |", Constant("Tokenization.AddedTokenTrie", "MostCharacters"));
        yield return new("| a replacement of `precompiled_charsmap` | {} characters |", Constant("Tokenization.PrecompiledCharsMap", "MostOfReplacement"));
        yield return new("| edges in `preprocessor_config.json` | {} pixels |", Constant("CLIPImageProcessorConfig", "MostOfEdge"));
        yield return new("how many seconds the server may be silent | `{}`", Constant("Hub.HubEnvironment", "DefaultTimeout"));
        yield return new("the defaults are {} pictures and {} texts", OnAGpu().ImageBatchSize, OnAGpu().TextBatchSize);
        yield return new("(`MaxMemory`, {} GiB", new MagickDecoderOptions().MaxMemory >> 30);
        yield return new("(`MaxTime`, {} seconds", new MagickDecoderOptions().MaxTime.TotalSeconds);
        yield return new("`M` {}, `EfConstruction` {}.", new HnswOptions().M, new HnswOptions().EfConstruction);
        yield return new("{} is the default. The 100,000 took", new HnswOptions().EfSearch);
        yield return new("pictures of row groups are held up to {} GiB", Constant("Training.Data.ParquetPictures", "DefaultMost", "AltClip.Training") >> 30);
        yield return new("a bias that begins at -{}", -Training.Losses.SigmoidLoss.InitialBias);
        var begins = Math.Round(Math.Exp(new Training.Losses.SigmoidLoss().InitialLogitScale!.Value), 9);
        yield return new("`logit_scale` begins at ln {}", begins);
        yield return new("`logit_scale` that begins at ln {}", begins);
        yield return new("the model sees {} x {} pixels", new AltCLIPVisionConfig().ImageSize, new AltCLIPVisionConfig().ImageSize);
        yield return new("Another libtorch than {} is refused", Short(Locked("AltClip.Cli", "libtorch-cpu-linux-x64")));
        yield return new("or without git, it is `{}-alpha.0`", $"{Property("MinVerMinimumMajorMinor")}.0");
        yield return new("Opset {}", Constant("Onnx.GraphBuilder", "Opset", "AltClip.Onnx"));
        yield return new("Weights of more than {} GiB", Constant("Onnx.OnnxExporter", "MostBytesInline", "AltClip.Onnx") >> 30);
    }

    /// <summary>Of how many pictures these are the shares: the least number that all can be of.</summary>
    private static int Scored(params IReadOnlyList<JsonNode> scores) => Enumerable.Range(1, 100_000).First(count =>
        scores.SelectMany(score => new[] { score["top1"]!, score["top5"]! }).All(share =>
        {
            var right = (double)share * count;
            return Math.Abs(right - Math.Round(right)) < 1e-8;
        }));

    private static string[] Lines(string sample) => File.ReadAllLines(Repository.Path("samples", sample, "Program.cs"));

    /// <summary>The pictures of each class that samples/LoraFineTuning has.</summary>
    private static List<IReadOnlyCollection<string>> Pictures(string part) =>
        [.. Directory.GetDirectories(Repository.Path("samples", "LoraFineTuning", "pictures", part)).Select(folder => Directory.GetFiles(folder))];

    private static string Property(string name) => XDocument.Load(Repository.Path("Directory.Build.props")).Descendants(name).Single().Value;

    /// <summary>The version of what a package's packages bring.</summary>
    private static string Locked(string package, string brought) => (string)JsonNode.Parse(
        File.ReadAllText(Repository.Path("src", package, "packages.locked.json")))!["dependencies"]!["net10.0"]![brought]!["resolved"]!;

    private static AltCLIPPipelineOptions OnAGpu() => new() { Device = new TorchSharp.torch.Device(TorchSharp.DeviceType.CUDA) };

    private static long Full() => (long)JsonNode.Parse(File.ReadAllText(TestData.Path("full", "cases.json")))!["parameters"]!;

    private static JsonNode Cases(string group) => JsonNode.Parse(File.ReadAllText(TestData.Path(group, "cases.json")))!["cases"]!;

    private static string Made(string group, string by) => (string)JsonNode.Parse(File.ReadAllText(TestData.Path(group, "cases.json")))![by]!;

    private static long Elements(string file)
    {
        using var tensors = SafeTensors.Open(file);
        return tensors.Names.Sum(name => tensors.Describe(name).Shape.Aggregate(1L, (product, size) => product * size));
    }

    private static double Percent(JsonNode rate) => Math.Round(100 * (double)rate, 1);

    private static string Short(string version) => string.Join('.', version.Split('.', '+')[..2]);

    /// <summary>With two significant digits, as the page has it.</summary>
    private static string Rounded(double value) => Rounded(value, value < 1 ? 2 : 1);

    private static string Rounded(double value, int decimals)
    {
        var unit = Math.Pow(10, Math.Floor(Math.Log10(value)) - 1);
        return unit >= 1 ? $"{Math.Round(value / unit) * unit:N0}" : value.ToString($"F{decimals}", CultureInfo.InvariantCulture);
    }

    /// <summary>A constant that is nobody's business but the code's, by its name.</summary>
    private static long Constant(string type, string name, string assembly = "AltClip") =>
        Convert.ToInt64(CodeConstant.Of(assembly, type, name), CultureInfo.InvariantCulture);

    /// <summary>Whether most of a table's cells, but for the first of each row, begin with a number that has a unit or a fraction.</summary>
    private static bool IsMeasured(string table)
    {
        var cells = table.Split('\n').Skip(2).SelectMany(row => row.Trim('|').Split('|').Skip(1)).Where(cell => cell.Trim().Length > 0).ToList();
        return cells.Count > 3 && cells.Count(cell => Measured().IsMatch(cell)) > cells.Count / 2;
    }

    [GeneratedRegex(@"^\s*\**\d+(?:\.\d+|(?:,\d{3})*)\s*(?:[/x%]|ms|s\b|MB|GB|$|\*)")]
    private static partial Regex Measured();

    [GeneratedRegex(@"\$\(seq (?<number>\d+)\)")]
    private static partial Regex Rounds();

    [GeneratedRegex(@"--array=0-(?<number>\d+)")]
    private static partial Regex LastTask();

    [GeneratedRegex(@"SLURM_RESTART_COUNT:-0}"" -lt (?<number>\d+)")]
    private static partial Regex Restarts();

    [GeneratedRegex(@"^(?=#+ )", RegexOptions.Multiline)]
    private static partial Regex Section();

    [GeneratedRegex(@"^\|.*\|\n\|[-| :]+\|\n(?:\|.*\|\n?)+", RegexOptions.Multiline)]
    private static partial Regex Table();

    [GeneratedRegex(@"Zen [34]|AMD EPYC|two processor cores|machine of the benchmarks|scores\.json|fixed pictures")]
    private static partial Regex Machine();

    [GeneratedRegex(@"dotnet run -c Release|altclip \w+|benchmarks/|samples/|\.ci/")]
    private static partial Regex Command();

    [GeneratedRegex(@"^\| (?:float32|bfloat16|int8) \| (?<seconds>[\d.]+) \| (?<rate>[\d.]+) \| [\d.]+ \|$", RegexOptions.Multiline)]
    private static partial Regex Cost();
}
