using Xunit;

namespace AltClip.Scale.Tests;

/// <summary>The model that ships, loaded once.</summary>
public sealed class EmojiPipeline : IDisposable
{
    public AltCLIPPipeline Pipeline { get; } = AltCLIPPipeline.FromPretrained(BuiltInModel.Folder);

    public void Dispose() => Pipeline.Dispose();
}

/// <summary>The tests that share it.</summary>
[CollectionDefinition]
public sealed class EmojiCollection : ICollectionFixture<EmojiPipeline>;
