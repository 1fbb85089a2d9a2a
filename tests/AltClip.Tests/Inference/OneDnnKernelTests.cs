using AltClip.Inference.Kernels.OneDnn;
using Xunit;

namespace AltClip.Tests;

public sealed class OneDnnKernelTests
{
    /// <summary>Whether its products, which are wrong where caches are hidden, are those for AVX-512 is said by the processor and oneDNN's own cap.</summary>
    [Theory]
    [InlineData(true, null, true)]
    [InlineData(true, "AVX512_CORE", true)]
    [InlineData(true, "AVX2", false)]
    [InlineData(true, "avx2_vnni", false)]
    [InlineData(true, "SSE41", false)]
    [InlineData(true, "no such cap", true)]
    [InlineData(false, null, false)]
    public void OneDnnHeedsItsOwnCap(bool hasAvx512, string? cap, bool expected) => Assert.Equal(expected, OneDnnKernel.TakesAvx512(hasAvx512, cap));
}
