using AltClip.Native;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Tests;

[Collection(nameof(ProcessWide))]
public sealed class OneDnnProductsTests
{
    [Fact]
    public void Float32ProductsStayFloat32()
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        var (a, b) = (randn(96, 160), randn(160, 80));
        var exact = a.to(ScalarType.Float64).mm(b.to(ScalarType.Float64));
        double Error() => (a.mm(b).to(ScalarType.Float64) - exact).abs().max().item<double>();
        var before = Error();
        using (new OneDnnProducts())
        using (new OneDnnProducts())
            Assert.InRange(Error(), 0, 1e-4); // bfloat16 would be off by 0.1
        Assert.Equal(before, Error());
    }

    [Fact]
    public void NothingStays() => LiveTensors.AssertUnchanged(() => new OneDnnProducts().Dispose());
}
