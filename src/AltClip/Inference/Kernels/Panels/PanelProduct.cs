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
    // What one thread takes at once: of few rows a long stretch of memory, of many what the second-level cache holds beside a block of rows, which then
    // is fetched once for all of it.
    private const int BytesAtOnce = 256 << 10;
    private const int PiecesPerThread = 4;

    private readonly PanelCode _code;
    private readonly PanelMemory _weights = new(), _bias = new(), _scales = new(), _sums = new();

    private readonly PanelCalibration? _calibration;

    /// <summary>Packs W [outputs, inputs], multiples of 16, and b [outputs] (or null).</summary>
    /// <param name="weight">W.</param>
    /// <param name="bias">b.</param>
    /// <param name="code">What runs the product.</param>
    /// <param name="calibration">What is known of its inputs, for int8; it then belongs to the product.</param>
    public PanelProduct(Tensor weight, Tensor? bias, PanelCode code, PanelCalibration? calibration = null)
    {
        using var scope = NewDisposeScope();
        (_code, _calibration) = (code, calibration);
        (Outputs, Inputs) = ((int)weight.shape[0], (int)weight.shape[1]);
        _weights.Reserve((nuint)Outputs * (nuint)code.Steps(Inputs) * sizeof(int));
        var b = new Span<float>(_bias.Reserve(Outputs), Outputs);
        b.Clear();
        bias?.detach().to(float32).cpu().contiguous().data<float>().CopyTo(b);
        _scales.Reserve(Outputs);
        _sums.Reserve(Outputs);
        var source = weight.detach().to(float32).cpu().contiguous();
        fixed (byte* start = source.bytes)
        {
            var address = (nint)start;
            Parallel.For(0, Outputs / PanelCode.Columns, panel =>
            {
                for (var output = panel * PanelCode.Columns; output < (panel + 1) * PanelCode.Columns; output++)
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
        PanelMemory.ReserveEach(scratch, PanelCode.GreatestMostSums);
        var areMany = count > _code.MostRows;
        var isPaired = areMany && _code.MostPairRows > 0;
        rows.Pack(team, _code.Rows, x, count, stride, Inputs, isPaired ? _code.MostPairRows : _code.MostRows, _calibration);
        var panels = Outputs / PanelCode.Columns;
        var atOnce = Math.Max(1, BytesAtOnce / PanelBytes);
        if (isPaired) atOnce = Math.Max(2, atOnce / 2 * 2);
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
        _calibration?.Dispose();
        foreach (var buffer in (PanelMemory[])[_weights, _bias, _scales, _sums]) buffer.Dispose();
    }

    private int PanelBytes => PanelCode.StepBytes * _code.Steps(Inputs);

    private byte* Panel(int panel) => _weights.Start + (nint)panel * PanelBytes;

    private void Single(PanelRows rows, int block, int panel, float* sums, float* result, PanelEnd end, float* other)
    {
        var (first, height) = (rows.First(block), rows.First(block + 1) - rows.First(block));
        _code.Get(height)(Panel(panel), PanelCode.StepBytes, _code.Steps(Inputs), rows.Block(block), (byte*)sums, PanelCode.StepBytes);
        Finish(rows, sums, PanelCode.Columns, panel * PanelCode.Columns, first, height, result, end, other);
    }

    private void Pair(PanelRows rows, int block, int panel, float* sums, float* result, PanelEnd end, float* other)
    {
        var (first, height) = (rows.First(block), rows.First(block + 1) - rows.First(block));
        _code.GetPair(height)(Panel(panel), Panel(panel + 1), _code.Steps(Inputs), rows.Block(block), (byte*)sums);
        for (var i = 0; i < 2; i++)
        {
            Finish(
                rows, sums + i * PanelCode.Columns, 2 * PanelCode.Columns, (panel + i) * PanelCode.Columns, first, height, result, end, other);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Finish(
        PanelRows rows, float* sums, nint sumsStride, int column, int first, int height, float* result, PanelEnd end, float* other)
    {
        var rough = _code.Weights != PanelNumbers.Float32;
        var bias = Vector512.Load((float*)_bias.Start + column);
        var int8 = _code.Weights == PanelNumbers.Int8;
        var offset = _code.Rows == PanelNumbers.Int8 ? 128 : 0;
        var scales = Vector512.Load((float*)_scales.Start + column);
        var weightSums = Vector512.Load((int*)_sums.Start + column);
        for (var i = 0; i < height; i++, sums += sumsStride)
        {
            var row = first + i;
            Vector512<float> values;
            if (int8)
            {
                // uint8 weights were multiplied 128 too great, and activations by as much too great as stands for 0.
                var whole = Vector512.Load((int*)sums) - Vector512.Create(offset * rows.Sums[row]) - weightSums * rows.Zeros[row];
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
        var target = (uint*)Panel(output / PanelCode.Columns) + output % PanelCode.Columns;
        var steps = _code.Steps(Inputs);
        if (_code.Weights == PanelNumbers.Float32)
        {
            for (var i = 0; i < steps; i++) target[(nint)i * PanelCode.Columns] = BitConverter.SingleToUInt32Bits(source[i]);
        }
        else if (_code.Weights == PanelNumbers.BFloat16)
        {
            for (var i = 0; i < steps; i++)
            {
                var low = PanelMath.ToBFloat16(Vector512.Create(source[2 * i]))[0];
                var high = PanelMath.ToBFloat16(Vector512.Create(source[2 * i + 1]))[0];
                target[(nint)i * PanelCode.Columns] = low | high << 16;
            }
        }
        else
        {
            PackInt8(output, source, steps);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PackInt8(int output, float* source, int steps)
    {
        var greatest = 0f;
        for (var i = 0; i < Inputs; i++) greatest = Math.Max(greatest, Math.Abs(source[i]));
        var scale = Math.Max(greatest / 127, 1e-30f);
        var sum = 0;
        var lost = 0.0;
        for (var i = 0; i < steps; i++)
        {
            for (var j = 0; j < 4; j++)
            {
                var whole = (int)MathF.Round(source[4 * i + j] / scale);
                sum += whole;
                if (_calibration is not null) lost += (source[4 * i + j] - whole * scale) * _calibration.Mean[4 * i + j];
                *Int8(output, i, j) = _code.Rows == PanelNumbers.Int8 ? (byte)(whole + 128) : (byte)(sbyte)whole;
            }
        }
        ((float*)_scales.Start)[output] = scale;
        // What rounding takes from the mean, it takes from every row.
        ((float*)_bias.Start)[output] += (float)lost;
        ((int*)_sums.Start)[output] = sum;
    }

    /// <summary>Where one of a step's four weights is: beside the others or, for int16 rows, two beside each other, then those of the next two.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* Int8(int output, int step, int index)
    {
        var column = output % PanelCode.Columns;
        var panel = Panel(output / PanelCode.Columns) + (nint)step * PanelCode.StepBytes;
        return _code.Rows == PanelNumbers.Int8 ? panel + 4 * column + index : panel + index / 2 * PanelCode.StepBytes / 2 + 2 * column + index % 2;
    }
}
