namespace AltClip.Inference.Kernels.Panels;

/// <summary>
/// Products of a few rows with 16 columns ("panel") of a matrix, or with two panels, as machine code made at run time. All rows' sums are
/// in registers, so that each weight is read once, in order, while the processor multiplies: with as few rows as a text has, reading
/// weights from memory is what takes the time, and oneDNN's kernels, which read a block and then work on it, reach half of what the memory
/// gives. With many rows multiplying is, and two panels share each number read of a row: one panel reads as often as it multiplies.
/// </summary>
internal sealed unsafe class PanelCode
{
    /// <summary>The columns of a panel.</summary>
    public const int Columns = 16;

    /// <summary>The bytes of a panel's step: 32 bits of each column.</summary>
    public const int StepBytes = Columns * sizeof(int);

    /// <summary>The most rows that any code has, of one panel and of both of two.</summary>
    public const int GreatestMostRows = 24, GreatestMostSums = Columns * 26;

    // For each number of rows one, then those for two panels.
    private readonly nint[] _places;

    /// <param name="weights">As what weights are stored.</param>
    /// <param name="rows">As what rows are.</param>
    /// <param name="code">For each number of rows the code, then that for two panels.</param>
    /// <param name="places">Where they are.</param>
    private PanelCode(PanelNumbers weights, PanelNumbers rows, PanelCodeText code, nint[] places)
    {
        (Weights, Rows, MostRows, MostPairRows, _places) = (weights, rows, code.Single.Count, code.Pair.Count, places);
    }

    /// <summary>As what weights are stored, in steps of 32 bits of each column.</summary>
    public PanelNumbers Weights { get; }

    /// <summary>As what rows are.</summary>
    public PanelNumbers Rows { get; }

    /// <summary>The most rows of one product: as many sums as there are registers, with some left.</summary>
    public int MostRows { get; }

    /// <summary>The most rows of a product with two panels; 0 if there is none.</summary>
    public int MostPairRows { get; }

    /// <summary>Places code; null where the system lets none be made.</summary>
    public static PanelCode? Make(PanelNumbers weights, PanelNumbers rows, PanelCodeText code) =>
        ExecutableMemory.Place([.. code.Single, .. code.Pair]) is { } places ? new PanelCode(weights, rows, code, places) : null;

    /// <summary>The steps of a product with a number of inputs.</summary>
    public int Steps(int inputs) => inputs / Weights.PerWord();

    /// <summary>
    /// The code for some rows: (weights, bytes from one step's weights of 16 columns to the next's, steps, rows [word][row] of 32 bits each, sums
    /// [row][16] of 32 bits each, bytes from one row's sums to the next's).
    /// </summary>
    public delegate* unmanaged<byte*, nint, nint, byte*, byte*, nint, void> Get(int rows) =>
        (delegate* unmanaged<byte*, nint, nint, byte*, byte*, nint, void>)_places[rows - 1];

    /// <summary>
    /// The code for some rows and two panels: (weights, the second panel's, steps, rows [word][row] of 32 bits each, sums [row][2][16] of 32
    /// bits each).
    /// </summary>
    public delegate* unmanaged<byte*, byte*, nint, byte*, byte*, void> GetPair(int rows) =>
        (delegate* unmanaged<byte*, byte*, nint, byte*, byte*, void>)_places[MostRows + rows - 1];
}

/// <summary>Machine code that isn't placed yet.</summary>
/// <param name="Single">For each number of rows, from 1 on.</param>
/// <param name="Pair">For each number of rows with two panels.</param>
internal sealed record PanelCodeText(IReadOnlyList<byte[]> Single, IReadOnlyList<byte[]> Pair);
