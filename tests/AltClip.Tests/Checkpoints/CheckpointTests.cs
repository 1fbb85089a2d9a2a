using TorchSharp;
using Xunit;

namespace AltClip.Tests;

/// <summary>A temporary folder for each test, and the demand that no tensor outlives it, whether the test's file was good or refused.</summary>
[Collection(nameof(ProcessWide))]
public abstract class CheckpointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly long _tensors = LiveTensors.Count();

    private protected TemporaryFolder Folder => _folder;

    public void Dispose()
    {
        _folder.Dispose();
        Assert.Equal(_tensors, torch.Tensor.TotalCount);
        GC.SuppressFinalize(this);
    }
}
