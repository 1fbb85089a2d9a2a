using System.Reflection;
using TorchSharp;
using Xunit;

namespace AltClip.Architecture;

public sealed class PublicNameTests
{
    private static readonly Assembly[] Libraries =
    [
        typeof(AltCLIPModel).Assembly, typeof(Training.Trainer).Assembly, typeof(Extensions.AltClipOptions).Assembly,
        typeof(Search.ImageSearcher).Assembly,
    ];

    [Fact]
    public void NoneIsOneOfTorchSharps()
    {
        var torch = typeof(torch).Assembly.GetExportedTypes().Select(Plain).ToHashSet();
        Assert.DoesNotContain(Libraries.SelectMany(library => library.GetExportedTypes()).Select(Plain), torch.Contains);
    }

    [Fact]
    public void OnlyEverydayTypesStandInTheFirstNamespace()
    {
        var everyday = Libraries.SelectMany(library => library.GetExportedTypes()).Where(type => type is { Namespace: "AltClip", IsNested: false });
        Assert.InRange(everyday.Count(), 25, 40);
    }

    /// <summary>AltCLIP… are the model's classes as transformers names them, AltClip… the product's own.</summary>
    [Fact]
    public void TheModelsClassesAreNamedAsTransformersNamesThem()
    {
        string[] transformers =
        [
            "AltCLIPConfig", "AltCLIPTextConfig", "AltCLIPVisionConfig", "AltCLIPModel", "AltCLIPTextModel", "AltCLIPVisionModel",
            "AltCLIPPreTrainedModel", "AltCLIPOutput", "AltCLIPProcessor",
        ];
        string[] derived =
        [
            "AltCLIPInference", "AltCLIPInferenceExtensions", "AltCLIPInferenceOutput", "AltCLIPInputs", "AltCLIPModule", "AltCLIPPipeline",
            "AltCLIPPipelineOptions", "AltCLIPProcessorOptions",
        ];
        var names = Libraries.SelectMany(library => library.GetExportedTypes()).Select(Plain).Where(name => name.StartsWith("AltCLIP"));
        Assert.Equal(transformers.Concat(derived).Order(StringComparer.Ordinal), names.Order(StringComparer.Ordinal));
    }

    private static string Plain(Type type) => type.Name.Split('`')[0];
}
