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
        ["T:AltClip.DataLoader`2"] = "var augmentation = new RandomHorizontalFlip(); var options = new TrainerOptions { Steps = 1 };",
        ["T:AltClip.LoraAdapter"] = "var options = new TrainerOptions { Steps = 1 };",
        ["T:AltClip.Compose"] = "var (seed, epoch, index) = (1, 2, 3);",
        ["T:AltClip.SimilarityGrid"] = """
            using var pipeline = AltCLIPPipeline.FromPretrained("path/to/AltCLIP");
            string[] texts = ["penguin"];
            ImageSource[] pictures = [ImageSource.FromFile("penguin.png")];
            """,
        ["T:AltClip.TeacherEmbeddings"] = """
            using var teacher = CLIPTextModelWithProjection.FromPretrained("path/to/clip");
            var tokenizer = CLIPTokenizer.FromPretrained("path/to/clip");
            string[] english = ["a penguin"];
            using var student = model.forward(Inputs(0)).TextModelOutput;
            """,
        ["T:AltClip.TrainingLog"] = "using var trainer = new Trainer(model, _ => null!, new TrainerOptions { Steps = 1 });",
    };

    public static IReadOnlyList<string> Usings { get; } = ["AltClip", "TorchSharp", "static TorchSharp.torch"];

    public static IReadOnlyList<(string Member, string Code)> Read() =>
    [
        .. from file in new[] { "AltClip.xml", "AltClip.Extensions.xml" }
           from member in XDocument.Load(Path.Combine(AppContext.BaseDirectory, file)).Descendants("member")
           from code in member.Descendants("example").Descendants("code")
           let name = (string)member.Attribute("name")!
           select (name, GivenBeside.GetValueOrDefault(name, "") + code.Value),
    ];
}
