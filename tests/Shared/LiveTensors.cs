using TorchSharp;

namespace AltClip.Tests;

/// <summary>Counts the tensors that are alive, after those that earlier code merely forgot are gone.</summary>
internal static class LiveTensors
{
    public static long Count()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return torch.Tensor.TotalCount;
    }

    /// <summary>Runs an action, after which as many tensors must be alive as before.</summary>
    public static void AssertUnchanged(Action action)
    {
        var before = Count();
        action();
        Xunit.Assert.Equal(before, torch.Tensor.TotalCount);
    }
}
