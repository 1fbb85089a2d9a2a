using TorchSharp;
using Xunit;

namespace AltClip.Tests;

/// <summary>The demand that no tensor outlives a test, whether pictures were good or refused.</summary>
[Collection(nameof(ProcessWide))]
public abstract class ImageTests : IDisposable
{
    // Without those that tests before merely forgot, which may go at any moment.
    private readonly long _tensors = LiveTensors.Count();

    public void Dispose()
    {
        Assert.Equal(_tensors, torch.Tensor.TotalCount);
        GC.SuppressFinalize(this);
    }
}
