using System.Xml.Linq;

namespace AltClip.Docs.Tests;

/// <summary>The examples in the XML documentation of the libraries.</summary>
internal static class ApiExamples
{
    /// <summary>What examples take for granted.</summary>
    public const string Given = """
        #pragma warning disable CS8321 // not every example uses the function
        using var model = AltCLIPModel.FromPretrained("path/to/AltCLIP");
        using var processor = AltCLIPProcessor.FromPretrained("path/to/AltCLIP");
        var stop = CancellationToken.None;
        AltCLIPInputs Inputs(long batch) => processor.Process(text: [$"{batch}"]);

        """;

    private static readonly Dictionary<string, string> GivenBeside = new()
    {
        ["T:AltClip.Training.Data.BatchLoader`2"] = "var augmentation = new RandomHorizontalFlip(); var options = new TrainerOptions { Steps = 1 };",
        ["T:AltClip.Modeling.Adapters.LoraAdapter"] = "var options = new TrainerOptions { Steps = 1 };",
        ["T:AltClip.Training.Augmentation.Compose"] = "var (seed, epoch, index) = (1, 2, 3);",
        ["T:AltClip.Pipeline.SimilarityGrid"] = """
            using var pipeline = AltCLIPPipeline.FromPretrained("path/to/AltCLIP");
            string[] texts = ["penguin"];
            ImageSource[] pictures = [ImageSource.FromFile("penguin.png")];
            """,
        ["T:AltClip.Training.Teacher.TeacherEmbeddings"] = """
            using var teacher = CLIPTextModelWithProjection.FromPretrained("path/to/clip");
            var tokenizer = CLIPTokenizer.FromPretrained("path/to/clip");
            string[] english = ["a penguin"];
            using var student = model.forward(Inputs(0)).TextModelOutput;
            """,
        ["T:AltClip.Training.Distributed.ProcessGroup"] = "using var contrastive = new ContrastiveLoss(); Func<long, Tensor> LossOfBatch = _ => null!;",
        ["T:AltClip.Training.TensorBoardLog"] = "using var trainer = new Trainer(model, _ => null!, new TrainerOptions { Steps = 1 });",
        ["T:AltClip.Training.TrainingLog"] = "using var trainer = new Trainer(model, _ => null!, new TrainerOptions { Steps = 1 });",
    };

    /// <summary>The members whose examples take something more for granted.</summary>
    public static IEnumerable<string> WithGiven => GivenBeside.Keys;

    /// <summary>All namespaces of the libraries: an editor adds those that an example needs.</summary>
    public static IReadOnlyList<string> Usings { get; } =
    [
        .. Repository.PublicTypes.Select(type => type.Namespace!).Where(name => name.StartsWith("AltClip", StringComparison.Ordinal)).Distinct(),
        "TorchSharp", "static TorchSharp.torch",
    ];

    public static IReadOnlyList<(string Member, string Code)> Read() =>
    [
        .. from library in Repository.Libraries
           from member in XDocument.Load(Path.Combine(AppContext.BaseDirectory, library + ".xml")).Descendants("member")
           from code in member.Descendants("example").Descendants("code")
           let name = (string)member.Attribute("name")!
           select (name, GivenBeside.GetValueOrDefault(name, "") + code.Value),
    ];
}
