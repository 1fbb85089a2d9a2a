using Xunit;

namespace AltClip.Tests;

public sealed class NullArgumentTests
{
    /// <summary>Where another made-up argument is as wrong, it may be the one that is named.</summary>
    [Fact]
    public void NullsAreRefusedAsArguments()
    {
        var refusals = NullArguments.Refusals(typeof(AltCLIPModel).Assembly).ToList();
        Assert.Contains(refusals, refusal => refusal.Thrown is ArgumentNullException);
        var others = refusals.Where(refusal => refusal.Thrown is not ArgumentException).Select(refusal => $"{refusal.Name} -> {refusal.Thrown?.GetType().Name}").ToList();
        Assert.True(others.Count == 0, string.Join('\n', others));
    }
}
