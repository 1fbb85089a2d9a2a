using Xunit;

namespace AltClip.Tests;

public sealed class NullArgumentTests
{
    [Fact]
    public void NullsAreRefusedAsArguments() => NullArguments.AssertRefused(typeof(AltCLIPModel).Assembly);
}
