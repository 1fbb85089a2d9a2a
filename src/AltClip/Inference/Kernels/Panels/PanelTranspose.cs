using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AltClip.Inference.Kernels.Panels;

/// <summary>Turns rows into the columns that a <see cref="PanelCode"/> reads, 16 by 16 numbers of 32 bits at once.</summary>
internal static unsafe class PanelTranspose
{
    private const int Lanes = 16, HalfLanes = 8;

    private static readonly Vector512<float>* Masks = MakeMasks();

    /// <summary>target[column][row] = source[row][column]; rows there are not become 0.</summary>
    /// <param name="source">The first row, readable to a multiple of 16 columns.</param>
    /// <param name="stride">From one row to the next.</param>
    /// <param name="rows">How many rows there are.</param>
    /// <param name="columns">How many columns are wanted.</param>
    /// <param name="target">Where columns go.</param>
    /// <param name="targetRows">From one column to the next, at least <paramref name="rows"/>.</param>
    public static void Run(float* source, nint stride, int rows, int columns, float* target, int targetRows)
    {
        if (Avx512F.IsSupported) RunAvx512(source, stride, rows, columns, target, targetRows);
        else RunAvx(source, stride, rows, columns, target, targetRows);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunAvx512(float* source, nint stride, int rows, int columns, float* target, int targetRows)
    {
        var tile = stackalloc Vector512<float>[Lanes];
        for (var row = 0; row < targetRows; row += Lanes)
        {
            var mask = Masks[Math.Min(Lanes, targetRows - row)];
            for (var column = 0; column < columns; column += Lanes)
            {
                for (var i = 0; i < Lanes; i++) tile[i] = row + i < rows ? Vector512.Load(source + (row + i) * stride + column) : default;
                Turn(tile);
                var wanted = Math.Min(Lanes, columns - column);
                for (var i = 0; i < wanted; i++) Avx512F.MaskStore(target + (nint)(column + i) * targetRows + row, mask, tile[i]);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunAvx(float* source, nint stride, int rows, int columns, float* target, int targetRows)
    {
        var tile = stackalloc Vector256<float>[HalfLanes];
        for (var row = 0; row < targetRows; row += HalfLanes)
        {
            var mask = *(Vector256<float>*)&Masks[Math.Min(HalfLanes, targetRows - row)];
            for (var column = 0; column < columns; column += HalfLanes)
            {
                for (var i = 0; i < HalfLanes; i++) tile[i] = row + i < rows ? Vector256.Load(source + (row + i) * stride + column) : default;
                Turn(tile);
                var wanted = Math.Min(HalfLanes, columns - column);
                for (var i = 0; i < wanted; i++) Avx.MaskStore(target + (nint)(column + i) * targetRows + row, mask, tile[i]);
            }
        }
    }

    /// <summary>Transposes a tile of 8 by 8: pairs of rows, then fours, then the halves of vectors change places.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Turn(Vector256<float>* tile)
    {
        for (var i = 0; i < HalfLanes; i += 4)
        {
            var (a, b) = (Avx.UnpackLow(tile[i], tile[i + 1]).AsDouble(), Avx.UnpackLow(tile[i + 2], tile[i + 3]).AsDouble());
            var (c, d) = (Avx.UnpackHigh(tile[i], tile[i + 1]).AsDouble(), Avx.UnpackHigh(tile[i + 2], tile[i + 3]).AsDouble());
            (tile[i], tile[i + 1]) = (Avx.UnpackLow(a, b).AsSingle(), Avx.UnpackHigh(a, b).AsSingle());
            (tile[i + 2], tile[i + 3]) = (Avx.UnpackLow(c, d).AsSingle(), Avx.UnpackHigh(c, d).AsSingle());
        }
        for (var i = 0; i < 4; i++)
            (tile[i], tile[i + 4]) = (Avx.Permute2x128(tile[i], tile[i + 4], 0x20), Avx.Permute2x128(tile[i], tile[i + 4], 0x31));
    }

    /// <summary>Transposes a tile: pairs of rows, then fours, then the quarters of vectors change places.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Turn(Vector512<float>* tile)
    {
        for (var i = 0; i < Lanes; i += 4)
        {
            var (a, b) = (Avx512F.UnpackLow(tile[i], tile[i + 1]).AsDouble(), Avx512F.UnpackLow(tile[i + 2], tile[i + 3]).AsDouble());
            var (c, d) = (Avx512F.UnpackHigh(tile[i], tile[i + 1]).AsDouble(), Avx512F.UnpackHigh(tile[i + 2], tile[i + 3]).AsDouble());
            (tile[i], tile[i + 1]) = (Avx512F.UnpackLow(a, b).AsSingle(), Avx512F.UnpackHigh(a, b).AsSingle());
            (tile[i + 2], tile[i + 3]) = (Avx512F.UnpackLow(c, d).AsSingle(), Avx512F.UnpackHigh(c, d).AsSingle());
        }
        for (var i = 0; i < 4; i++)
        {
            // Vector i of each four has columns i, i + 4, i + 8 and i + 12 of four rows, a quarter each.
            var (a, b) = (Avx512F.Shuffle4x128(tile[i], tile[i + 4], 0x88), Avx512F.Shuffle4x128(tile[i + 8], tile[i + 12], 0x88));
            var (c, d) = (Avx512F.Shuffle4x128(tile[i], tile[i + 4], 0xDD), Avx512F.Shuffle4x128(tile[i + 8], tile[i + 12], 0xDD));
            (tile[i], tile[i + 8]) = (Avx512F.Shuffle4x128(a, b, 0x88), Avx512F.Shuffle4x128(a, b, 0xDD));
            (tile[i + 4], tile[i + 12]) = (Avx512F.Shuffle4x128(c, d, 0x88), Avx512F.Shuffle4x128(c, d, 0xDD));
        }
    }

    /// <summary>Mask n lets the first n numbers through.</summary>
    private static Vector512<float>* MakeMasks()
    {
        var bytes = (nuint)((Lanes + 1) * sizeof(Vector512<float>));
        var masks = (uint*)NativeMemory.AlignedAlloc(bytes, (nuint)sizeof(Vector512<float>));
        for (var n = 0; n <= Lanes; n++)
        {
            for (var lane = 0; lane < Lanes; lane++) masks[n * Lanes + lane] = lane < n ? uint.MaxValue : 0;
        }
        return (Vector512<float>*)masks;
    }
}
