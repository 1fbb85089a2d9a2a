using AltClip.Tests;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Onnx.Tests;

/// <summary>Holds an exported model, wherever it runs, against the one that it was exported from.</summary>
internal static class ModelAgreement
{
    /// <summary>The folder of the model that ships.</summary>
    public static string DefaultModel { get; } = Path.GetFullPath(TestData.Path("..", "..", "models", "altclip-emoji"));

    /// <summary>The default model finds each picture's label, and no embedding's cosine similarity with the model's is lower.</summary>
    public static void AssertLabelsPictures(AltCLIPModel model, IExportedModel exported, double cosine)
    {
        using var processor = AltCLIPProcessor.FromPretrained(DefaultModel);
        string[] names = ["cactus", "guitar", "penguin", "pizza", "rocket", "volcano"];
        using var inputs = processor.Process(["仙人掌", "guitare", "Pinguin", "pizza", "ракета", "volcán"], [.. names.Select(name => ImageSource.FromFile(TestData.Path("emoji", $"{name}.png")))]);
        using var expected = model.forward(inputs);

        var (texts, scale) = exported.Text(inputs.InputIds!, inputs.AttentionMask!);
        using var textEmbeds = tensor(texts, expected.TextEmbeds.shape);
        using var imageEmbeds = tensor(exported.Pictures(inputs.PixelValues!), expected.ImageEmbeds.shape);

        Assert.InRange((textEmbeds * expected.TextEmbeds).sum(1).min().ToDouble(), cosine, 1.00001);
        Assert.InRange((imageEmbeds * expected.ImageEmbeds).sum(1).min().ToDouble(), cosine, 1.00001);
        Assert.Equal(model.logit_scale.exp().ToSingle(), scale, 1e-4f);
        Assert.Equal([0, 1, 2, 3, 4, 5], imageEmbeds.matmul(textEmbeds.t()).argmax(1).data<long>().ToArray());
    }

    /// <summary>No number differs by more on random inputs, of which the lower rows end in padding.</summary>
    public static void AssertNear(AltCLIPModel model, IExportedModel exported, int batch, int length, int padding, double most)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var config = model.Config;
        var ids = randint(config.TextConfig.PadTokenId + 1, config.TextConfig.VocabSize, [batch, length], dtype: int64);
        var mask = ones_like(ids);
        // Rows end in more padding the further down they stand.
        for (var row = 0; row < batch; row++)
        {
            var from = length - padding * row / batch;
            ids[row, TensorIndex.Slice(from)] = config.TextConfig.PadTokenId;
            mask[row, TensorIndex.Slice(from)] = 0;
        }
        var pixels = randn(batch, config.VisionConfig.NumChannels, config.VisionConfig.ImageSize, config.VisionConfig.ImageSize);
        using var expected = model.forward(ids, pixels, mask);

        var (texts, scale) = exported.Text(ids, mask);
        var (text, pictures) = (tensor(texts, expected.TextEmbeds.shape), tensor(exported.Pictures(pixels), expected.ImageEmbeds.shape));
        Assert.InRange((text - expected.TextEmbeds).abs().max().ToDouble(), 0, most);
        Assert.InRange((pictures - expected.ImageEmbeds).abs().max().ToDouble(), 0, most);
        var logits = pictures.matmul(text.t()) * scale;
        Assert.InRange((logits - expected.LogitsPerImage).abs().max().ToDouble(), 0, most * scale * 2);
    }
}
