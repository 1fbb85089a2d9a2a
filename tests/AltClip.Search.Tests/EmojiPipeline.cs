using AltClip.Tests;

namespace AltClip.Search.Tests;

/// <summary>The model that ships, loaded once for a class of tests.</summary>
public sealed class EmojiPipeline : IDisposable
{
    public static string ModelFolder { get; } = Path.GetFullPath(TestData.Path("..", "..", "models", "altclip-emoji"));

    public static string PictureFolder { get; } = TestData.Path("emoji");

    public AltCLIPPipeline Pipeline { get; } = AltCLIPPipeline.FromPretrained(ModelFolder, new() { ImageBatchSize = 2 });

    public EmbeddingModel Model => EmbeddingModel.Of(Pipeline, ModelFolder);

    public static string Picture(string name) => Path.Combine(PictureFolder, $"{name}.png");

    public void Dispose() => Pipeline.Dispose();
}
