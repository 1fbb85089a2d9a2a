using static TorchSharp.torch;

namespace AltClip.Training.Distributed;

/// <summary>How many rows of a batch each process has. Where pictures are left out that can't be read, not all have as many.</summary>
internal sealed class GatheredRows
{
    private readonly ProcessGroup _group;
    private readonly long[] _counts;

    public GatheredRows(ProcessGroup group, long count)
    {
        using var own = tensor([count], device: CPU);
        using var all = group.AllGather(own);
        (_group, _counts) = (group, all.data<long>().ToArray());
        (First, Count) = (_counts[..group.Rank].Sum(), count);
    }

    /// <summary>This process's first row among all.</summary>
    public long First { get; }

    /// <summary>How many this process has.</summary>
    public long Count { get; }

    /// <summary>What a mean over this process's rows is worth in the mean of processes, to make a mean over all rows: 1 where all have as many.</summary>
    public double LocalWeight => (double)Count * _counts.Length / _counts.Sum();

    /// <summary>The rows of all.</summary>
    /// <param name="rows">This process's: [rows, …].</param>
    public Tensor Gather(Tensor rows)
    {
        var most = _counts.Max();
        if (_counts.All(count => count == most)) return _group.AllGather(rows);
        using var scope = NewDisposeScope();
        var padded = cat([rows, zeros([most - Count, .. rows.shape[1..]], rows.dtype, rows.device)]);
        var all = _group.AllGather(padded);
        return scope.MoveToOuter(cat([.. _counts.Select((count, rank) => all.slice(0, rank * most, rank * most + count, 1))]));
    }

    /// <summary>A view of this process's rows.</summary>
    /// <param name="all">The rows of all.</param>
    public Tensor Own(Tensor all) => all.slice(0, First, First + Count, 1);
}
