using AltClip.Shared;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Training.Distributed;

/// <summary>The mean of the processes' gradients, some megabytes of them in a message, as DistributedDataParallel does.</summary>
internal sealed class GradientAverage
{
    private const long BucketBytes = 25 << 20;

    private readonly ProcessGroup _group;
    private readonly List<List<Parameter>> _buckets = [];

    /// <param name="group">The processes.</param>
    /// <param name="parameters">What trains, in the same order in all processes.</param>
    public GradientAverage(ProcessGroup group, IEnumerable<Parameter> parameters)
    {
        _group = group;
        foreach (var kind in parameters.GroupBy(parameter => (parameter.dtype, parameter.device.ToString())))
        {
            var filled = BucketBytes;
            foreach (var parameter in kind)
            {
                if (filled >= BucketBytes)
                {
                    _buckets.Add([]);
                    filled = 0;
                }
                _buckets[^1].Add(parameter);
                filled += parameter.numel() * parameter.element_size();
            }
        }
    }

    /// <summary>Sets each gradient to the mean over processes. A parameter without one in all of them stays without one.</summary>
    public void Take()
    {
        using var noGrad = no_grad();
        foreach (var bucket in _buckets) Take(bucket);
    }

    private void Take(List<Parameter> bucket)
    {
        using var scope = NewDisposeScope();
        // The gradients, and for each parameter whether it has one.
        var owned = zeros(bucket.Count, bucket[0].dtype, bucket[0].device);
        for (var i = 0; i < bucket.Count; i++)
            if (bucket[i].grad is not null) owned[i] = 1;
        var message = cat([.. bucket.Select(parameter => (parameter.grad ?? zeros_like(parameter)).reshape(-1)), owned]);
        // Their own memory goes before others come.
        foreach (var parameter in bucket) parameter.grad = null;
        _group.AllReduce(message);
        var parts = message.split([.. bucket.Select(parameter => parameter.numel()), bucket.Count]);
        var owners = parts[^1].to(ScalarType.Float32).cpu().data<float>().ToArray();
        message.Over_(_group.WorldSize);
        // The gradients are parts of the message: copies would cost as much as the sum.
        for (var i = 0; i < bucket.Count; i++)
            if (owners[i] != 0) bucket[i].grad = parts[i].view(bucket[i].shape);
    }
}
