using System.Runtime.InteropServices;

namespace AltClip.Inference.Kernels.Panels;

/// <summary>
/// Products of a few rows with 16 columns ("panel") of a matrix, or with two panels, as machine code made at run time. All rows' sums are
/// in registers, so that each weight is read once, in order, while the processor multiplies: with as few rows as a text has, reading
/// weights from memory is what takes the time, and oneDNN's kernels, which read a block and then work on it, reach half of what the memory
/// gives. With many rows multiplying is, and two panels share each number read of a row: one panel reads as often as it multiplies.
/// </summary>
internal static unsafe partial class PanelKernels
{
    /// <summary>The most rows of one product: as many sums as there are registers, with some left.</summary>
    public const int MostRows = 24;

    /// <summary>The most rows of a product with two panels.</summary>
    public const int MostPairRows = 13;

    /// <summary>The columns of a panel.</summary>
    public const int Columns = 16;

    // Far enough that memory answers in time, near enough that the second-level cache holds it.
    private const int PrefetchBytes = 4096;
    private const int WeightsRegister = 31, SecondWeightsRegister = 30, RowRegister = 28;

    private const int ReadWrite = 3, ReadExecute = 5, PrivateAnonymous = 0x22;

    // For each number of rows one, then those for two panels.
    private static readonly Lazy<nint[]?>[] Kernels =
        [.. Enum.GetValues<PanelNumbers>().Select(numbers => new Lazy<nint[]?>(() => PanelSupport.Has(numbers) ? Make(numbers) : null))];

    /// <summary>Whether the processor has the instructions and the system lets code be made.</summary>
    public static bool IsSupported(PanelNumbers numbers) => Kernels[(int)numbers].Value is not null;

    /// <summary>
    /// The code for some rows: (weights, bytes from one step's 16 weights to the next's, steps, rows [step][row] of 32 bits each, sums
    /// [row][16] of 32 bits each, bytes from one row's sums to the next's).
    /// </summary>
    public static delegate* unmanaged<byte*, nint, nint, byte*, byte*, nint, void> Get(PanelNumbers numbers, int rows) =>
        (delegate* unmanaged<byte*, nint, nint, byte*, byte*, nint, void>)Kernels[(int)numbers].Value![rows - 1];

    /// <summary>
    /// The code for some rows and two panels: (weights, the second panel's, steps, rows [step][row] of 32 bits each, sums [row][2][16] of 32
    /// bits each).
    /// </summary>
    public static delegate* unmanaged<byte*, byte*, nint, byte*, byte*, void> GetPair(PanelNumbers numbers, int rows) =>
        (delegate* unmanaged<byte*, byte*, nint, byte*, byte*, void>)Kernels[(int)numbers].Value![MostRows + rows - 1];

    private static nint[]? Make(PanelNumbers numbers)
    {
        byte[][] kernels =
        [
            .. Enumerable.Range(1, MostRows).Select(rows => Code(numbers, rows)),
            .. Enumerable.Range(1, MostPairRows).Select(rows => PairCode(numbers, rows)),
        ];
        var size = (nuint)kernels.Sum(code => code.Length);
        var memory = Map(0, size, ReadWrite, PrivateAnonymous, -1, 0);
        if (memory == -1) return null;
        var places = new nint[kernels.Length];
        var next = memory;
        for (var i = 0; i < places.Length; i++)
        {
            places[i] = next;
            kernels[i].CopyTo(new Span<byte>((void*)next, kernels[i].Length));
            next += kernels[i].Length;
        }
        // Never writable and executable at once, which hardened systems forbid; some forbid this too.
        return Protect(memory, size, ReadExecute) == 0 ? places : null;
    }

    private static byte[] Code(PanelNumbers numbers, int rows)
    {
        var (weights, stride, steps, x) = (Register.Argument1, Register.Argument2, Register.Argument3, Register.Argument4);
        var (sums, sumsStride) = (Register.Argument5, Register.Argument6);
        var code = new PanelAssembler();
        for (var row = 0; row < rows; row++) code.Clear(row);
        var start = code.Position;
        code.Load(WeightsRegister, weights);
        code.Prefetch(weights, PrefetchBytes);
        for (var row = 0; row < rows; row++) code.MultiplyAdd(numbers, row, WeightsRegister, x, row);
        code.Add(weights, stride);
        code.Add(x, rows * sizeof(int));
        code.Loop(steps, start);
        for (var row = 0; row < rows; row++)
        {
            code.Store(sums, row);
            code.Add(sums, sumsStride);
        }
        code.Return();
        return code.Code;
    }

    private static byte[] PairCode(PanelNumbers numbers, int rows)
    {
        var (weights, second, steps, x, sums) = (Register.Argument1, Register.Argument2, Register.Argument3, Register.Argument4, Register.Argument5);
        var code = new PanelAssembler();
        for (var sum = 0; sum < 2 * rows; sum++) code.Clear(sum);
        var start = code.Position;
        code.Load(WeightsRegister, weights);
        code.Load(SecondWeightsRegister, second);
        code.Prefetch(weights, PrefetchBytes);
        code.Prefetch(second, PrefetchBytes);
        for (var row = 0; row < rows; row++)
        {
            code.Broadcast(RowRegister + row % 2, x, row);
            code.MultiplyAdd(numbers, 2 * row, WeightsRegister, RowRegister + row % 2);
            code.MultiplyAdd(numbers, 2 * row + 1, SecondWeightsRegister, RowRegister + row % 2);
        }
        code.Add(weights, Columns * sizeof(int));
        code.Add(second, Columns * sizeof(int));
        code.Add(x, rows * sizeof(int));
        code.Loop(steps, start);
        for (var sum = 0; sum < 2 * rows; sum++) code.Store(sums, sum, sum);
        code.Return();
        return code.Code;
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint size, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(nint address, nuint size, int protection);
}
