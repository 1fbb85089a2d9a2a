using AltClip.Imaging;
using AltClip.Tests;

namespace AltClip.Training.Tests;

/// <summary>The small checkpoint for all tests of a class, with embeddings one at a time for results computed otherwise.</summary>
public sealed class EvaluationPipeline : IDisposable
{
    public AltCLIPPipeline Pipeline { get; } = AltCLIPPipeline.FromPretrained(TestData.Path("e2e"));

    /// <summary>One that leaves out pictures that can't be read.</summary>
    public AltCLIPPipeline Skipping { get; } =
        AltCLIPPipeline.FromPretrained(TestData.Path("e2e"), new() { Images = new() { OnError = ImageErrorHandling.Skip } });

    public void Dispose()
    {
        Pipeline.Dispose();
        Skipping.Dispose();
    }

    internal double[] Text(string text)
    {
        using var embedding = Pipeline.EmbedText([text]);
        return [.. embedding.ToRows()[0].Select(x => (double)x)];
    }

    internal double[] Picture(ImageSource image)
    {
        using var embedding = Pipeline.EmbedImages([image]);
        return [.. embedding.ToRows()[0].Select(x => (double)x)];
    }
}
