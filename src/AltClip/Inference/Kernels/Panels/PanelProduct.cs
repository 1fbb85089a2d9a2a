using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace AltClip.Inference.Kernels.Panels;

/// <summary>What a product does with its result.</summary>
internal enum PanelEnd
{
    None,
    Gelu,
    QuickGelu,
}

/// <summary>A linear layer's weights in panels of 16 outputs, [panel][step][output] of 32 bits each, and its product with rows.</summary>
internal sealed unsafe class PanelProduct : IDisposable
{
    // What one thread takes at once: of few rows a long stretch of memory, of many what leaves no thread waiting for another at the end.
    private const int FewRowsBytes = 256 << 10, ManyRowsBytes = 64 << 10;
    private const int PiecesPerThread = 4;
    private static readonly int MostSums = PanelKernels.Columns * Math.Max(PanelKernels.MostRows, 2 * PanelKernels.MostPairRows);

    private readonly PanelNumbers _numbers;
    private readonly PanelMemory _weights = new(), _bias = new(), _scales = new(), _sums = new();

    /// <summary>Packs W [outputs, inputs], multiples of 16, and b [outputs] (or null).</summary>
    public PanelProduct(Tensor weight, Tensor? bias, PanelNumbers numbers)
    {
        using var scope = NewDisposeScope();
        _numbers = numbers;
        (Outputs, Inputs) = ((int)weight.shape[0], (int)weight.shape[1]);
        _weights.Reserve((nuint)Outputs * (nuint)(Inputs / numbers.PerStep()) * sizeof(int));
        var b = new Span<float>(_bias.Reserve(Outputs), Outputs);
        b.Clear();
        bias?.detach().to(float32).cpu().contiguous().data<float>().CopyTo(b);
        _scales.Reserve(Outputs);
        _sums.Reserve(Outputs);
        var source = weight.detach().to(float32).cpu().contiguous();
        fixed (byte* start = source.bytes)
        {
            var address = (nint)start;
            Parallel.For(0, Outputs / PanelKernels.Columns, panel =>
            {
                for (var output = panel * PanelKernels.Columns; output < (panel + 1) * PanelKernels.Columns; output++)
                    PackOutput(output, (float*)address + (nint)output * Inputs);
            });
        }
    }

    public int Inputs { get; }

    public int Outputs { get; }

    /// <summary>y = f(x W^T + b) + other.</summary>
    /// <param name="team">Who does it.</param>
    /// <param name="scratch">Memory for each of the team.</param>
    /// <param name="rows">x, which is packed here.</param>
    /// <param name="x">Its first row.</param>
    /// <param name="count">How many rows.</param>
    /// <param name="stride">From one row of x to the next.</param>
    /// <param name="result">y: [count, outputs].</param>
    /// <param name="end">f.</param>
    /// <param name="other">What is added, [count, outputs], or null.</param>
    public void Run(
        WorkTeam team, PanelMemory[] scratch, PanelRows rows, float* x, int count, nint stride, float* result,
        PanelEnd end = PanelEnd.None, float* other = null)
    {
        PanelMemory.ReserveEach(scratch, MostSums);
        var isPaired = count > PanelKernels.MostRows;
        rows.Pack(team, _numbers, x, count, stride, Inputs, isPaired ? PanelKernels.MostPairRows : PanelKernels.MostRows);
        var panels = Outputs / PanelKernels.Columns;
        var atOnce = isPaired ? Math.Max(1, ManyRowsBytes / PanelBytes / 2) * 2 : Math.Max(1, FewRowsBytes / PanelBytes);
        var groups = (panels + atOnce - 1) / atOnce;
        // Where threads are many, some share panels.
        var parts = Math.Clamp(PiecesPerThread * team.Threads / groups, 1, rows.Blocks);
        team.Run(groups * parts, (thread, item) =>
        {
            var sums = (float*)scratch[thread].Start;
            var (group, part) = (item / parts, item % parts);
            var (from, to) = (group * atOnce, Math.Min((group + 1) * atOnce, panels));
            // From the second block on, both the panels and the block are in the second-level cache.
            for (var block = part * rows.Blocks / parts; block < (part + 1) * rows.Blocks / parts; block++)
            {
                for (var panel = from; panel < to; panel += isPaired ? 2 : 1)
                {
                    if (isPaired && panel + 1 < to) Pair(rows, block, panel, sums, result, end, other);
                    else Single(rows, block, panel, sums, result, end, other);
                }
            }
        });
    }

    public void Dispose()
    {
        foreach (var buffer in (PanelMemory[])[_weights, _bias, _scales, _sums]) buffer.Dispose();
    }

    private int PanelBytes => PanelKernels.Columns * (Inputs / _numbers.PerStep()) * sizeof(int);

    private byte* Panel(int panel) => _weights.Start + (nint)panel * PanelBytes;

    private void Single(PanelRows rows, int block, int panel, float* sums, float* result, PanelEnd end, float* other)
    {
        var (first, height) = (rows.First(block), rows.First(block + 1) - rows.First(block));
        PanelKernels.Get(_numbers, height)(
            Panel(panel), PanelKernels.Columns * sizeof(int), rows.Steps, rows.Block(block), (byte*)sums, PanelKernels.Columns * sizeof(int));
        Finish(rows, sums, PanelKernels.Columns, panel * PanelKernels.Columns, first, height, result, end, other);
    }

    private void Pair(PanelRows rows, int block, int panel, float* sums, float* result, PanelEnd end, float* other)
    {
        var (first, height) = (rows.First(block), rows.First(block + 1) - rows.First(block));
        PanelKernels.GetPair(_numbers, height)(Panel(panel), Panel(panel + 1), rows.Steps, rows.Block(block), (byte*)sums);
        for (var i = 0; i < 2; i++)
        {
            Finish(
                rows, sums + i * PanelKernels.Columns, 2 * PanelKernels.Columns, (panel + i) * PanelKernels.Columns, first, height, result, end, other);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Finish(
        PanelRows rows, float* sums, nint sumsStride, int column, int first, int height, float* result, PanelEnd end, float* other)
    {
        var rough = _numbers != PanelNumbers.Float32;
        var bias = Vector512.Load((float*)_bias.Start + column);
        var int8 = _numbers == PanelNumbers.Int8;
        var scales = Vector512.Load((float*)_scales.Start + column);
        var weightSums = Vector512.Load((int*)_sums.Start + column);
        for (var i = 0; i < height; i++, sums += sumsStride)
        {
            var row = first + i;
            Vector512<float> values;
            if (int8)
            {
                // Weights were multiplied 128 too great, and activations by as much too great as stands for 0.
                var whole = Vector512.Load((int*)sums) - Vector512.Create(128 * rows.Sums[row]) - weightSums * rows.Zeros[row];
                values = Vector512.FusedMultiplyAdd(Vector512.ConvertToSingle(whole), scales * rows.Scales[row], bias);
            }
            else
            {
                values = Vector512.Load(sums) + bias;
            }
            values = Ended(values, end, rough);
            var place = (nint)row * Outputs + column;
            if (other != null) values += Vector512.Load(other + place);
            values.Store(result + place);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Ended(Vector512<float> values, PanelEnd end, bool rough) => end switch
    {
        PanelEnd.None => values,
        PanelEnd.Gelu => rough ? PanelActivation.Gelu(values) : PanelMath.Gelu(values),
        _ => rough ? PanelActivation.QuickGelu(values) : PanelMath.QuickGelu(values),
    };

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PackOutput(int output, float* source)
    {
        var perStep = _numbers.PerStep();
        var target = (uint*)Panel(output / PanelKernels.Columns) + output % PanelKernels.Columns;
        var steps = Inputs / perStep;
        if (_numbers == PanelNumbers.Float32)
        {
            for (var i = 0; i < steps; i++) target[(nint)i * PanelKernels.Columns] = BitConverter.SingleToUInt32Bits(source[i]);
        }
        else if (_numbers == PanelNumbers.BFloat16)
        {
            for (var i = 0; i < steps; i++)
            {
                var low = PanelMath.ToBFloat16(Vector512.Create(source[2 * i]))[0];
                var high = PanelMath.ToBFloat16(Vector512.Create(source[2 * i + 1]))[0];
                target[(nint)i * PanelKernels.Columns] = low | high << 16;
            }
        }
        else
        {
            PackInt8(output, source, target, steps);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PackInt8(int output, float* source, uint* target, int steps)
    {
        var greatest = 0f;
        for (var i = 0; i < Inputs; i++) greatest = Math.Max(greatest, Math.Abs(source[i]));
        var scale = Math.Max(greatest / 127, 1e-30f);
        var sum = 0;
        for (var i = 0; i < steps; i++)
        {
            var four = 0u;
            for (var j = 0; j < 4; j++)
            {
                var whole = (int)MathF.Round(source[4 * i + j] / scale);
                sum += whole;
                four |= (uint)(whole + 128) << 8 * j;
            }
            target[(nint)i * PanelKernels.Columns] = four;
        }
        ((float*)_scales.Start)[output] = scale;
        ((int*)_sums.Start)[output] = sum;
    }
}
