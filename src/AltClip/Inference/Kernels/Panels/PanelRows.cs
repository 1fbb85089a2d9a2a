using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AltClip.Inference.Kernels.Panels;

/// <summary>
/// Rows in the order in which a <see cref="PanelCode"/> reads them, in blocks of like size: [block][word][row of the block], 32 bits each.
/// For int8 each row has a step (<see cref="Scales"/>) and a zero of its own, found at run time; for int16 a step.
/// </summary>
internal sealed unsafe class PanelRows : IDisposable
{
    private const int ColumnsAtOnce = 256;

    private readonly PanelMemory _packed = new(), _scales = new(), _zeros = new(), _sums = new();
    private int _perWord, _inputs;

    public int Rows { get; private set; }

    public int Blocks { get; private set; }

    /// <summary>The size of one step of each row's numbers: [row].</summary>
    public float* Scales => (float*)_scales.Start;

    /// <summary>The number that stands for 0: [row].</summary>
    public int* Zeros => (int*)_zeros.Start;

    /// <summary>The sum of each row's numbers: [row].</summary>
    public int* Sums => (int*)_sums.Start;

    /// <summary>The 32 bits of a row.</summary>
    private int Words => _inputs / _perWord;

    /// <summary>The first row of a block; for the number of blocks, the number of rows.</summary>
    public int First(int block) => (int)((long)block * Rows / Blocks);

    public byte* Block(int block) => _packed.Start + (nint)First(block) * Words * sizeof(int);

    /// <summary>Takes rows over.</summary>
    /// <param name="team">Who does it.</param>
    /// <param name="numbers">As what.</param>
    /// <param name="x">The first row.</param>
    /// <param name="rows">How many there are.</param>
    /// <param name="stride">From one row to the next.</param>
    /// <param name="inputs">Numbers of a row, a multiple of 16.</param>
    /// <param name="mostRows">How many rows a block has at most.</param>
    /// <param name="calibration">For int8, what was measured of such rows before; null for nothing.</param>
    public void Pack(
        WorkTeam team, PanelNumbers numbers, float* x, int rows, nint stride, int inputs, int mostRows, PanelCalibration? calibration = null)
    {
        (Rows, _inputs, _perWord) = (rows, inputs, numbers.PerWord());
        Blocks = (rows + mostRows - 1) / mostRows;
        _packed.Reserve((nuint)rows * (nuint)Words * sizeof(int));
        var factors = calibration is null ? null : calibration.Factors;
        if (numbers is PanelNumbers.Int8 or PanelNumbers.Int16)
        {
            _scales.Reserve(rows);
            _zeros.Reserve(rows);
            _sums.Reserve(rows);
            if (calibration?.Range is { } range) SetRange(range.Low, range.High);
            else team.Run(rows, (_, row) => FindRange(numbers, row, x + row * stride, factors));
        }
        var parts = (inputs + ColumnsAtOnce - 1) / ColumnsAtOnce;
        team.Run(Blocks * parts, (_, item) =>
        {
            var (block, from) = (item / parts, item % parts * ColumnsAtOnce);
            PackPart(numbers, x, stride, block, from, Math.Min(from + ColumnsAtOnce, inputs), factors);
        });
    }

    public void Dispose()
    {
        foreach (var buffer in (PanelMemory[])[_packed, _scales, _zeros, _sums]) buffer.Dispose();
    }

    /// <summary>
    /// The step that lets -128 to 127 reach from the least to the greatest, with 0 a whole number; for int16 that which lets the numbers reach as
    /// far from 0 both ways as sums of products with int8 allow.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FindRange(PanelNumbers numbers, int row, float* x, float* factors)
    {
        Vector512<float> least = default, greatest = default;
        for (var i = 0; i < _inputs; i += Vector512<float>.Count)
        {
            var values = Vector512.Load(x + i);
            if (factors != null) values *= Vector512.Load(factors + i);
            least = Vector512.MinNative(least, values);
            greatest = Vector512.MaxNative(greatest, values);
        }
        float low = 0, high = 0;
        for (var i = 0; i < Vector512<float>.Count; i++) (low, high) = (Math.Min(low, least[i]), Math.Max(high, greatest[i]));
        var isWide = numbers == PanelNumbers.Int16;
        var scale = Math.Max(isWide ? Math.Max(-low, high) / MostInt16(_inputs) : (high - low) / 255, 1e-30f);
        Scales[row] = scale;
        Zeros[row] = isWide ? 0 : Zero(low, scale);
        Sums[row] = 0;
    }

    /// <summary>The same for all rows, where the range is known.</summary>
    private void SetRange(float low, float high)
    {
        var scale = Math.Max((high - low) / 255, 1e-30f);
        new Span<float>(Scales, Rows).Fill(scale);
        new Span<int>(Zeros, Rows).Fill(Zero(low, scale));
        new Span<int>(Sums, Rows).Clear();
    }

    private static int Zero(float low, float scale) => (int)MathF.Round(-low / scale) - 128;

    [MethodImpl(MethodImplOptions.AggressiveOptimization), SkipLocalsInit]
    private void PackPart(PanelNumbers numbers, float* x, nint stride, int block, int from, int to, float* factors)
    {
        var (first, end) = (First(block), First(block + 1));
        var rows = end - first;
        var target = (float*)(Block(block) + (nint)(from / _perWord) * rows * sizeof(int));
        if (numbers == PanelNumbers.Float32)
        {
            PanelTranspose.Run(x + first * stride + from, stride, rows, to - from, target, rows);
            return;
        }
        // Narrowed, and read to a multiple of 16 columns of 32 bits when turned.
        const int NarrowStride = ColumnsAtOnce / 2;
        var narrow = stackalloc int[PanelCode.GreatestMostRows * NarrowStride];
        for (var row = first; row < end; row++)
        {
            var part = narrow + (row - first) * NarrowStride;
            if (numbers == PanelNumbers.BFloat16) PanelMath.Narrow(x + row * stride + from, to - from, part);
            else if (numbers == PanelNumbers.Int16) Quantize16(row, x + row * stride + from, to - from, part);
            else Quantize(row, x + row * stride + from, to - from, part, factors == null ? null : factors + from);
        }
        PanelTranspose.Run((float*)narrow, NarrowStride, rows, (to - from) / _perWord, target, rows);
    }

    /// <summary>The greatest activation of which the products with int8 weights, summed, stay within 32 bits.</summary>
    private static int MostInt16(int inputs) => (int)Math.Min(short.MaxValue, (long)int.MaxValue / sbyte.MaxValue / inputs);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Quantize16(int row, float* source, int count, int* target)
    {
        var factor = Vector256.Create(1 / Scales[row]);
        for (var i = 0; i < count; i += 2 * Vector256<float>.Count, target += Vector256<int>.Count)
        {
            var first = Avx.ConvertToVector256Int32(Vector256.Load(source + i) * factor);
            var second = Avx.ConvertToVector256Int32(Vector256.Load(source + i + Vector256<float>.Count) * factor);
            Avx2.Permute4x64(Avx2.PackSignedSaturate(first, second).AsInt64(), 0b11_01_10_00).AsInt32().Store(target);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Quantize(int row, float* source, int count, int* target, float* factors)
    {
        if (Avx512F.IsSupported) QuantizeAvx512(row, source, count, target, factors);
        else QuantizeAvx2(row, source, count, target, factors);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void QuantizeAvx512(int row, float* source, int count, int* target, float* factors)
    {
        var (factor, zero) = (Vector512.Create(1 / Scales[row]), Vector512.Create(Zeros[row]));
        var sum = Vector512<int>.Zero;
        for (var i = 0; i < count; i += Vector512<float>.Count, target += Vector128<int>.Count)
        {
            var step = factors == null ? factor : factor * Vector512.Load(factors + i);
            var whole = Avx512F.ConvertToVector512Int32(Vector512.Load(source + i) * step) + zero;
            whole = Vector512.Min(Vector512.Max(whole, Vector512.Create(-128)), Vector512.Create(127));
            sum += whole;
            Avx512F.ConvertToVector128SByte(whole).AsInt32().Store(target);
        }
        Interlocked.Add(ref Sums[row], Vector512.Sum(sum));
    }

    /// <summary>The same for processors that have products of bytes (AVX-VNNI) without AVX-512.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void QuantizeAvx2(int row, float* source, int count, int* target, float* factors)
    {
        var (factor, zero) = (Vector256.Create(1 / Scales[row]), Vector256.Create(Zeros[row]));
        var sum = Vector256<int>.Zero;
        for (var i = 0; i < count; i += 2 * Vector256<float>.Count, target += Vector128<int>.Count)
        {
            var (first, second) = (Whole(i), Whole(i + Vector256<float>.Count));
            sum += first + second;
            var words = Avx2.Permute4x64(Avx2.PackSignedSaturate(first, second).AsInt64(), 0b11_01_10_00).AsInt16();
            Sse2.PackSignedSaturate(words.GetLower(), words.GetUpper()).AsInt32().Store(target);
        }
        Interlocked.Add(ref Sums[row], Vector256.Sum(sum));

        Vector256<int> Whole(int i)
        {
            var step = factors == null ? factor : factor * Vector256.Load(factors + i);
            var whole = Avx.ConvertToVector256Int32(Vector256.Load(source + i) * step) + zero;
            return Vector256.Min(Vector256.Max(whole, Vector256.Create(-128)), Vector256.Create(127));
        }
    }
}
