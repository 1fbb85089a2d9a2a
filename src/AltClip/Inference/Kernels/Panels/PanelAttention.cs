using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AltClip.Inference.Kernels.Panels;

/// <summary>Attention of sequences to themselves by the same products of panels, float32 or bfloat16.</summary>
internal sealed unsafe class PanelAttention(int heads, int width, PanelCode code)
{
    private const int Columns = PanelCode.Columns;

    private readonly int _size = width / heads;
    private readonly int _perStep = code.Weights.PerWord();
    private readonly bool _isNarrow = code.Weights != PanelNumbers.Float32;

    /// <summary>Computes the context of all sequences' queries: [queries, width].</summary>
    /// <param name="team">Who does it.</param>
    /// <param name="scratch">Memory for each of the team.</param>
    /// <param name="sequences">The sequences.</param>
    /// <param name="q">The queries, scaled; rows <paramref name="qStride"/> apart.</param>
    /// <param name="qStride">From one to the next.</param>
    /// <param name="keyValue">The keys and then the values of a token; rows <paramref name="kvStride"/> apart.</param>
    /// <param name="kvStride">From one to the next.</param>
    /// <param name="mask">What is added to the scores, [sequence, length, length] where all are of one length, or null.</param>
    /// <param name="result">Where the context goes.</param>
    public void Run(
        WorkTeam team, PanelMemory[] scratch, PanelSequence[] sequences, float* q, nint qStride, float* keyValue, nint kvStride, float* mask,
        float* result)
    {
        PanelMemory.ReserveEach(scratch, sequences.Max(one => ScratchFloats(Padded(one))));
        team.Run(sequences.Length * heads, (thread, item) =>
        {
            var (index, head) = (item / heads, item % heads);
            var one = sequences[index];
            One(
                (float*)scratch[thread].Start, one, q + one.Asked * qStride + head * _size, qStride, keyValue + one.First * kvStride + head * _size, kvStride,
                mask == null ? null : mask + (nint)index * one.Length * one.Length, result + (nint)one.Asked * width + head * _size);
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void One(float* scratch, PanelSequence one, float* q, nint qStride, float* k, nint kvStride, float* mask, float* result)
    {
        var padded = Padded(one);
        var panels = padded / Columns;
        var (sizeSteps, lengthSteps) = (_size / _perStep, (one.Length + _perStep - 1) / _perStep);
        var keys = scratch;
        var values = keys + (nint)padded * sizeSteps;
        var queries = values + (nint)padded * _size;
        var scores = queries + code.MostRows * _size;
        var weights = scores + (nint)code.MostRows * padded;
        var narrow = weights + (nint)code.MostRows * padded;
        for (var panel = 0; panel < panels; panel++)
        {
            var rows = Math.Min(Columns, one.Length - panel * Columns);
            Turn(k + panel * Columns * kvStride, kvStride, rows, _size, keys + (nint)panel * Columns * sizeSteps, Columns, narrow);
        }
        for (var column = 0; column < _size; column += Columns)
            PackValues(k + width + column, kvStride, one.Length, values + (nint)column * lengthSteps);
        var blocks = (one.Queries + code.MostRows - 1) / code.MostRows;
        for (var block = 0; block < blocks; block++)
        {
            var start = block * one.Queries / blocks;
            var rows = (block + 1) * one.Queries / blocks - start;
            var multiply = code.Get(rows);
            Turn(q + start * qStride, qStride, rows, _size, queries, rows, narrow);
            for (var panel = 0; panel < panels; panel++)
            {
                multiply(
                    (byte*)(keys + (nint)panel * Columns * sizeSteps), Columns * sizeof(float), sizeSteps, (byte*)queries,
                    (byte*)(scores + panel * Columns), padded * sizeof(float));
            }
            for (var row = 0; row < rows; row++)
            {
                PanelMath.Softmax(
                    scores + (nint)row * padded, one.Length, mask == null ? null : mask + (nint)(start + row) * one.Length,
                    rough: _isNarrow);
            }
            Turn(scores, padded, rows, padded, weights, rows, narrow);
            for (var column = 0; column < _size; column += Columns)
            {
                multiply(
                    (byte*)(values + (nint)column * lengthSteps), Columns * sizeof(float), lengthSteps, (byte*)weights,
                    (byte*)(result + (nint)start * width + column), width * sizeof(float));
            }
        }
    }

    /// <summary>A sequence's length in whole panels.</summary>
    private static int Padded(PanelSequence one) => (one.Length + Columns - 1) / Columns * Columns;

    /// <summary>Keys and values in panels, then a block's queries, scores and weights, and what is narrowed.</summary>
    private long ScratchFloats(int padded) =>
        (long)padded * (_size / _perStep + _size) + code.MostRows * (long)(_size + 2 * padded) + code.MostRows * (long)NarrowStride(padded);

    /// <summary>Of narrowed rows one after the other: what is turned is read to a multiple of 16 columns.</summary>
    private int NarrowStride(int padded) => (Math.Max(_size, padded) / 2 + Columns - 1) / Columns * Columns;

    /// <summary>Makes columns of rows, whose length is a multiple of 16: narrowed first, if products are of narrow numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Turn(float* source, nint stride, int rows, int columns, float* target, int targetRows, float* narrow)
    {
        if (!_isNarrow)
        {
            PanelTranspose.Run(source, stride, rows, columns, target, targetRows);
            return;
        }
        var narrowStride = NarrowStride(columns);
        for (var row = 0; row < rows; row++) PanelMath.Narrow(source + row * stride, columns, (int*)narrow + row * narrowStride);
        PanelTranspose.Run(narrow, narrowStride, rows, columns / _perStep, target, targetRows);
    }

    /// <summary>A panel of values, one after the other: read with their stride they would fall on each other in the cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void PackValues(float* source, nint stride, int length, float* target)
    {
        if (!_isNarrow)
        {
            for (var i = 0; i < length; i++, source += stride, target += Columns) Vector512.Load(source).Store(target);
            return;
        }
        for (var i = 0; i < length; i += 2, source += 2 * stride, target += Columns)
        {
            var second = i + 1 < length ? PanelMath.ToBFloat16(Vector512.Load(source + stride)) << 16 : default;
            (PanelMath.ToBFloat16(Vector512.Load(source)) | second).AsSingle().Store(target);
        }
    }
}
