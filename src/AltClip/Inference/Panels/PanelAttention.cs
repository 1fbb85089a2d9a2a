using System.Runtime.CompilerServices;

namespace AltClip;

/// <summary>Attention of texts to themselves in float32, by the same products of panels.</summary>
internal sealed unsafe class PanelAttention(int heads, int width)
{
    private const int Columns = PanelKernels.Columns;

    private readonly int _size = width / heads;

    /// <summary>Computes the context of all texts' queries: [queries, width].</summary>
    /// <param name="team">Who does it.</param>
    /// <param name="scratch">Memory for each of the team.</param>
    /// <param name="texts">The texts.</param>
    /// <param name="q">The queries, scaled; rows <paramref name="qStride"/> apart.</param>
    /// <param name="qStride">From one to the next.</param>
    /// <param name="keyValue">The keys and then the values of a token; rows <paramref name="kvStride"/> apart.</param>
    /// <param name="kvStride">From one to the next.</param>
    /// <param name="mask">What is added to the scores, [text, length, length] where all are of one length, or null.</param>
    /// <param name="result">Where the context goes.</param>
    public void Run(
        WorkTeam team, PanelMemory[] scratch, PanelText[] texts, float* q, nint qStride, float* keyValue, nint kvStride, float* mask, float* result)
    {
        team.Run(texts.Length * heads, (thread, item) =>
        {
            var (index, head) = (item / heads, item % heads);
            var text = texts[index];
            One(
                scratch[thread], text, q + text.Asked * qStride + head * _size, qStride, keyValue + text.First * kvStride + head * _size, kvStride,
                mask == null ? null : mask + (nint)index * text.Length * text.Length, result + (nint)text.Asked * width + head * _size);
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void One(PanelMemory scratch, PanelText text, float* q, nint qStride, float* k, nint kvStride, float* mask, float* result)
    {
        var panels = (text.Length + Columns - 1) / Columns;
        var padded = panels * Columns;
        // Keys in panels, then a block's queries, scores and weights.
        var most = PanelKernels.MostRows;
        var keys = scratch.Reserve((long)padded * _size + most * (long)(_size + 2 * padded));
        var queries = keys + (nint)padded * _size;
        var scores = queries + most * _size;
        var weights = scores + (nint)most * padded;
        for (var panel = 0; panel < panels; panel++)
        {
            var rows = Math.Min(Columns, text.Length - panel * Columns);
            Transpose(k + panel * Columns * kvStride, kvStride, rows, _size, keys + (nint)panel * Columns * _size, Columns);
        }
        var blocks = (text.Queries + most - 1) / most;
        for (var block = 0; block < blocks; block++)
        {
            var start = block * text.Queries / blocks;
            var rows = (block + 1) * text.Queries / blocks - start;
            var kernel = PanelKernels.Get(PanelNumbers.Float32, rows);
            Transpose(q + start * qStride, qStride, rows, _size, queries, rows);
            for (var panel = 0; panel < panels; panel++)
            {
                kernel(
                    (byte*)(keys + (nint)panel * Columns * _size), Columns * sizeof(float), _size, (byte*)queries,
                    (byte*)(scores + panel * Columns), padded * sizeof(float));
            }
            for (var row = 0; row < rows; row++)
                PanelMath.Softmax(scores + (nint)row * padded, text.Length, mask == null ? null : mask + (nint)(start + row) * text.Length);
            Transpose(scores, padded, rows, text.Length, weights, rows);
            for (var column = 0; column < _size; column += Columns)
            {
                kernel(
                    (byte*)(k + width + column), kvStride * sizeof(float), text.Length, (byte*)weights,
                    (byte*)(result + (nint)start * width + column), width * sizeof(float));
            }
        }
    }

    /// <summary>target[column][row] = source[row][column]; rows there are not become 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Transpose(float* source, nint stride, int rows, int columns, float* target, int targetRows)
    {
        for (var column = 0; column < columns; column++, target += targetRows)
        {
            for (var row = 0; row < rows; row++) target[row] = source[row * stride + column];
            for (var row = rows; row < targetRows; row++) target[row] = 0;
        }
    }
}
