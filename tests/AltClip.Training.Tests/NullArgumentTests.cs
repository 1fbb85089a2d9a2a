using AltClip.Tests;
using Xunit;

namespace AltClip.Training.Tests;

public sealed class NullArgumentTests
{
    [Fact]
    public void NullsAreRefusedAsArguments() => NullArguments.AssertRefused(typeof(Trainer).Assembly);
}
