using AltClip.Modeling.Adapters;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Tests;

/// <summary>The type that torch gives to tensors where none is said is the program's: nothing here may depend on it.</summary>
[Collection(nameof(ProcessWide))]
public sealed class DefaultTypeTests
{
    // Of widths that every kernel takes.
    private static readonly string Folder = EmojiModelTests.Folder;
    private static readonly string[] Labels = ["a photo of a cat", "صورة كلب", "x"];

    public static MatrixTheoryData<ScalarType, InferencePrecision> Cases => new(
        [ScalarType.BFloat16, ScalarType.Float16, ScalarType.Float64], Enum.GetValues<InferencePrecision>());

    private static ImageSource Picture => ImageSource.FromFile(TestData.Path("images", "real", "x_cat.jpg"));

    [Theory]
    [MemberData(nameof(Cases))]
    public void EveryKernelClassifiesAlike(ScalarType type, InferencePrecision precision) =>
        Assert.Equal(Under(ScalarType.Float32, () => Classified(precision)), Under(type, () => Classified(precision)));

    [Theory]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.Float64)]
    public void APipelineThatWasLoadedBeforeClassifiesAlike(ScalarType type)
    {
        using var pipeline = AltCLIPPipeline.FromPretrained(Folder);
        var expected = Cosines(pipeline);
        Assert.Equal(expected, Under(type, () => Cosines(pipeline)));
        Assert.Equal(ScalarType.Float32, Under(type, () => { using var none = pipeline.EmbedText([]); return none.dtype; }));
    }

    [Theory]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.Float64)]
    public void AFreshModelAndItsAdapterComputeAlike(ScalarType type)
    {
        using var scope = NewDisposeScope();
        var (ids, pixels) = (ModelBuilder.Ids(), ModelBuilder.Pixels());
        Assert.Equal(Under(ScalarType.Float32, () => Computed(ids, pixels)), Under(type, () => Computed(ids, pixels)));
    }

    /// <summary>Cosines on each kernel, one after another.</summary>
    private static double[] Classified(InferencePrecision precision)
    {
        using var model = AltCLIPModel.FromPretrained(Folder);
        List<double> cosines = [];
        foreach (var kernel in InferenceKernels.Of(model, precision))
        {
            using var pipeline = new AltCLIPPipeline(
                model.ForInference(new() { Kernel = kernel, Precision = precision }), AltCLIPProcessor.FromPretrained(Folder));
            cosines.AddRange(Cosines(pipeline));
        }
        return [.. cosines];
    }

    private static double[] Cosines(AltCLIPPipeline pipeline) =>
        [.. pipeline.Classify(Picture, Labels).OrderBy(label => label.Label, StringComparer.Ordinal).Select(label => (double)label.Similarity)];

    /// <summary>Loss and gradients of the adapter, and the loss once it is merged.</summary>
    private static float[] Computed(Tensor ids, Tensor pixels)
    {
        using var scope = NewDisposeScope();
        using (manual_seed(3)) { }
        using var model = ModelBuilder.Model(dropout: 0);
        using var adapter = LoraAdapter.Attach(model, new LoraOptions { Targets = ["*"], Rank = 2, UseDora = true });
        var loss = model.forward(ids, pixels, return_loss: true).Loss!;
        loss.backward();
        var gradients = adapter.parameters().SelectMany(parameter => parameter.grad!.data<float>().ToArray()).ToArray();
        adapter.Merge();
        return [loss.item<float>(), .. gradients, model.forward(ids, pixels, return_loss: true).Loss!.item<float>()];
    }

    private static T Under<T>(ScalarType type, Func<T> compute)
    {
        set_default_dtype(type);
        try
        {
            return compute();
        }
        finally
        {
            set_default_dtype(ScalarType.Float32);
        }
    }
}
