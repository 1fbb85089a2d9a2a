using AltClip.Training.Distributed;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Training.Tests;

/// <summary>What every engine's operations have to give.</summary>
internal static class CollectiveOperations
{
    /// <param name="group">The group.</param>
    /// <param name="device">Where the tensors are; the processor if null.</param>
    public static void Check(ProcessGroup group, Device? device = null)
    {
        using var scope = NewDisposeScope();
        var own = arange(6, dtype: float32, device: device ?? CPU).reshape(2, 3) + 10 * group.Rank;
        var worldSize = group.WorldSize;

        var all = group.AllGather(own);
        Assert.Equal([2L * worldSize, 3], all.shape);
        for (var rank = 0; rank < worldSize; rank++) Assert.Equal(10f * rank + 5, all[2 * rank + 1, 2].item<float>());

        var (sum, largest, smallest) = (own.clone(), own.clone(), own.clone());
        group.AllReduce(sum);
        group.AllReduce(largest, ReduceOperation.Max);
        group.AllReduce(smallest, ReduceOperation.Min);
        Assert.Equal(5f * worldSize + 5 * worldSize * (worldSize - 1), sum[1, 2].item<float>());
        Assert.Equal(10f * (worldSize - 1) + 5, largest[1, 2].item<float>());
        Assert.Equal(5f, smallest[1, 2].item<float>());

        // What isn't dense in memory, and other types.
        var turned = (arange(6, device: device ?? CPU).reshape(2, 3) + 100 * group.Rank).t();
        group.Broadcast(turned, worldSize - 1);
        Assert.Equal(100 * (worldSize - 1) + 5, turned[2, 1].item<long>());
        var half = full([3], group.Rank + 0.5, dtype: bfloat16, device: device ?? CPU);
        group.AllReduce(half);
        Assert.Equal(worldSize * worldSize / 2f, half[0].to(float32).item<float>(), 1e-5);
        group.Barrier();
        group.AllReduce(empty(0, device: device ?? CPU));
    }
}
