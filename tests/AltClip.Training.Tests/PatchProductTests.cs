using AltClip.Modeling;
using AltClip.Tests;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Training.Tests;

/// <summary>The patch embedding of mixed precision against the convolution that it stands for.</summary>
[Collection(nameof(ProcessWide))]
public sealed class PatchProductTests
{
    [Theory]
    [InlineData(8, 32, 32)]
    [InlineData(7, 23, 30)] // the last columns and rows belong to no patch
    [InlineData(1, 3, 5)]
    public void InFloat32ItIsTheConvolutionAndItsGradients(long kernel, long height, long width)
    {
        using var scope = NewDisposeScope();
        var (pictures, weight, goal) = Draw(kernel, height, width);
        var (actual, expected) = (WithGradients(pictures, weight, goal, product: true), WithGradients(pictures, weight, goal, product: false));
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i].shape, actual[i].shape);
            Assert.True(Distance(actual[i], expected[i]) < 2e-6, $"{i}: {Distance(actual[i], expected[i])}");
        }
    }

    [Theory]
    [InlineData(8, 32, 32)]
    [InlineData(7, 23, 30)]
    public void InBFloat16ItIsAsNearAsTheConvolution(long kernel, long height, long width)
    {
        using var scope = NewDisposeScope();
        var (pictures, weight, goal) = Draw(kernel, height, width);
        var exact = WithGradients(pictures.to(float64), weight.to(float64), goal.to(float64), product: false);
        var (half, halfWeight, halfGoal) = (pictures.bfloat16(), weight.bfloat16(), goal.bfloat16());
        var (product, convolution) = (WithGradients(half, halfWeight, halfGoal, product: true), WithGradients(half, halfWeight, halfGoal, product: false));
        for (var i = 0; i < exact.Length; i++)
        {
            var (own, other) = (Distance(product[i], exact[i]), Distance(convolution[i], exact[i]));
            Assert.Equal(bfloat16, product[i].dtype);
            // Rounding to 8 bits is 2^-9 at the most, of inputs and of the result.
            Assert.InRange(own, 0, Math.Max(1.25 * other, Math.Pow(2, -9)));
            Assert.InRange(own, 0, 4 * Math.Pow(2, -9));
        }
    }

    [Fact]
    public void NothingStaysButTheOutput()
    {
        using var pictures = rand(2, 3, 16, 16);
        using var weight = rand(4, 3, 8, 8);
        LiveTensors.AssertUnchanged(() => MixedPrecision.ProductOfPatches(pictures, weight).Dispose());
    }

    private static (Tensor Pictures, Tensor Weight, Tensor Goal) Draw(long kernel, long height, long width)
    {
        var generator = new Generator(3);
        return (randn(4, 3, height, width, generator: generator), randn(6, 3, kernel, kernel, generator: generator),
            randn(4, 6, height / kernel, width / kernel, generator: generator));
    }

    /// <summary>What comes out, and the gradients of pictures and weight for a gradient of the output.</summary>
    private static Tensor[] WithGradients(Tensor pictures, Tensor weight, Tensor goal, bool product)
    {
        var (input, kernel) = (pictures.clone().requires_grad_(), weight.clone().requires_grad_());
        var output = product ? MixedPrecision.ProductOfPatches(input, kernel) : nn.functional.conv2d(input, kernel, strides: weight.shape[2..]);
        output.backward([goal]);
        return [output.detach(), input.grad!, kernel.grad!];
    }

    private static double Distance(Tensor actual, Tensor expected) =>
        ((actual.to(float64) - expected.to(float64)).norm() / expected.to(float64).norm()).item<double>();
}
