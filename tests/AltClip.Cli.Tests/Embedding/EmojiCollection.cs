using AltClip.Search.Tests;
using Xunit;

namespace AltClip.Cli.Tests;

/// <summary>The tests that share the model that ships.</summary>
[CollectionDefinition]
public sealed class EmojiCollection : ICollectionFixture<EmojiPipeline>;
