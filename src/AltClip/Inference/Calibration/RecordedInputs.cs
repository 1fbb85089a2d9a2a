using AltClip.Shared;
using static TorchSharp.torch;

namespace AltClip.Inference.Calibration;

/// <summary>What was seen of a product's inputs.</summary>
internal sealed class RecordedInputs(Generator random) : IDisposable
{
    private readonly List<Tensor> _rows = [];
    private Tensor? _least, _greatest, _sum;
    private long _count;

    /// <summary>The least of each input: [inputs].</summary>
    public Tensor Least => _least!;

    /// <summary>The greatest of each input: [inputs].</summary>
    public Tensor Greatest => _greatest!;

    /// <summary>The mean of each input: [inputs].</summary>
    public Tensor Mean() => _sum!.Over(_count).to(float32);

    /// <summary>Rows of all that was seen: [rows, inputs].</summary>
    public Tensor Rows() => cat(_rows);

    /// <summary>Takes note of rows.</summary>
    /// <param name="x">The rows: [rows, inputs].</param>
    /// <param name="kept">How many of them are kept, at most.</param>
    public void Add(Tensor x, int kept)
    {
        using var scope = NewDisposeScope();
        var (least, greatest) = (x.amin([0]), x.amax([0]));
        Replace(ref _least, _least is null ? least : _least.minimum(least));
        Replace(ref _greatest, _greatest is null ? greatest : _greatest.maximum(greatest));
        var sum = x.sum(dim: 0, type: float64);
        Replace(ref _sum, _sum is null ? sum : _sum.Plus(sum));
        _count += x.shape[0];
        var rows = x.shape[0] <= kept ? x.clone() : x.index_select(0, randperm(x.shape[0], int64, generator: random)[..kept]);
        _rows.Add(rows.DetachFromDisposeScope());
    }

    public void Dispose()
    {
        foreach (var rows in _rows) rows.Dispose();
        _least?.Dispose();
        _greatest?.Dispose();
        _sum?.Dispose();
    }

    private static void Replace(ref Tensor? field, Tensor value)
    {
        field?.Dispose();
        field = value.DetachFromDisposeScope();
    }
}
