using Xunit;

namespace AltClip.Architecture;

public sealed class TensorTypeTests
{
    private const string Probe = "AltClip/Probe.cs";

    [Fact]
    public void NothingIsMadeOfTorchsDefaultType() => Assert.Equal([], LayerTests.Tree.Value.CallsOfDefaultType());

    [Theory]
    [InlineData("empty(2, 3)")]
    [InlineData("zeros([2, 3], device: CPU)")]
    [InlineData("full([2], 1.5)")]
    [InlineData("eye(3)")]
    [InlineData("linspace(0, 1, 3)")]
    [InlineData("rand(3)")]
    [InlineData("nn.Linear(2, 3)")]
    [InlineData("nn.LayerNorm(3)")]
    public void ACallThatDoesIsFound(string call) => Assert.Equal([$"AltClip/Probe.cs:2: {call}"], Found(call));

    [Theory]
    [InlineData("empty(2, 3, float32)")]
    [InlineData("zeros([2, 3], dtype: x.dtype)")]
    [InlineData("nn.Linear(2, 3, dtype: float32)")]
    [InlineData("tensor(new[] { 1f, 2f })")]
    [InlineData("zeros_like(x)")]
    [InlineData("nn.functional.softmax(x, 1)")]
    [InlineData("x.sum()")]
    public void OneThatSaysTheTypeOrTakesItFromItsInputPasses(string call) => Assert.Equal([], Found(call));

    private static IEnumerable<string> Found(string call) =>
        LayerTests.Tree.Value.With(Probe, $"using static TorchSharp.torch;\nclass Probe {{ object Make(Tensor x) => {call}; }}").CallsOfDefaultType(Probe);
}
