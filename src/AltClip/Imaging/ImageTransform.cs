namespace AltClip.Imaging;

/// <summary>
/// Resizes and crops pictures. Only the pixels inside the crop are computed, and pictures are not turned upright first: each axis is
/// planned in the order in which it is stored, and the small result is read in the order in which it should be seen.
/// </summary>
internal static unsafe class ImageTransform
{
    private const int PixelBytes = PillowResampler.PixelBytes;
    private const int RowsAtATime = 16;

    /// <summary>Makes the visible part of the resized picture.</summary>
    /// <returns>Its pixels, which live in the workspace, and the way from one to the next in the upright picture.</returns>
    public static PixelGrid Apply(PixelRows rows, ImageGeometry geometry, Resampling filter, ImageWorkspace workspace)
    {
        var (transposed, columnsMirrored, rowsMirrored) = rows.Orientation;
        var (storedRows, storedColumns) = transposed
            ? (geometry.Horizontal, geometry.Vertical)
            : (geometry.Vertical, geometry.Horizontal);
        var rowAxis = Plan(storedRows, filter, rowsMirrored);
        var columnAxis = Plan(storedColumns, filter, columnsMirrored);
        var stride = (long)columnAxis.Count * PixelBytes;
        var result = workspace.Result.Reserve(stride * rowAxis.Count);
        // Pillow resizes the upright picture's rows before its columns, and rounds in between.
        if (transposed)
            MixRowsFirst(rows, rowAxis, columnAxis, workspace.Intermediate, result);
        else
            MixColumnsFirst(rows, rowAxis, columnAxis, workspace.Intermediate, result);
        rows.Complete();

        var (stepRight, stepDown) = (columnsMirrored ? -PixelBytes : PixelBytes, rowsMirrored ? -stride : stride);
        var origin = result + (columnsMirrored ? stride - PixelBytes : 0) + (rowsMirrored ? stride * (rowAxis.Count - 1) : 0);
        return transposed ? new PixelGrid(origin, stepDown, stepRight) : new PixelGrid(origin, stepRight, stepDown);
    }

    private static ResampleAxis Plan(AxisGeometry axis, Resampling filter, bool mirrored) =>
        ResampleAxis.Create(axis.SourceSize, axis.ResizedSize, filter, axis.VisibleStart, axis.VisibleSize, mirrored);

    private static void MixColumnsFirst(
        PixelRows rows, ResampleAxis rowAxis, ResampleAxis columnAxis, NativeBuffer intermediate, byte* result)
    {
        var (first, end) = (rowAxis.First, rowAxis.End);
        var stride = (long)columnAxis.Count * PixelBytes;
        var mixed = intermediate.Reserve((end - first) * stride);
        for (var y = first; y < end; y += RowsAtATime)
        {
            var count = Math.Min(RowsAtATime, end - y);
            PillowResampler.MixColumns(rows.Read(y, count), rows.Stride, mixed + (y - first) * stride, stride, count, columnAxis);
        }
        for (var y = 0; y < rowAxis.Count; y++)
            PillowResampler.MixRows(mixed + (rowAxis.Starts[y] - first) * stride, stride, result + y * stride, stride, rowAxis, y);
    }

    private static void MixRowsFirst(
        PixelRows rows, ResampleAxis rowAxis, ResampleAxis columnAxis, NativeBuffer intermediate, byte* result)
    {
        var (first, end) = ((long)columnAxis.First * PixelBytes, (long)columnAxis.End * PixelBytes);
        var mixed = intermediate.Reserve((end - first) * rowAxis.Count);
        for (var y = 0; y < rowAxis.Count; y++)
        {
            var window = rows.Read(rowAxis.Starts[y], rowAxis.Lengths[y]) + first;
            PillowResampler.MixRows(window, rows.Stride, mixed + y * (end - first), end - first, rowAxis, y);
        }
        var stride = (long)columnAxis.Count * PixelBytes;
        PillowResampler.MixColumns(mixed - first, end - first, result, stride, rowAxis.Count, columnAxis);
    }
}

/// <summary>Pixels as they are seen, however they lie in memory.</summary>
/// <param name="origin">The upper left pixel.</param>
/// <param name="stepRight">The way to the next pixel to the right, in bytes.</param>
/// <param name="stepDown">The way to the next pixel below, in bytes.</param>
internal readonly unsafe struct PixelGrid(byte* origin, long stepRight, long stepDown)
{
    /// <summary>The way to the next pixel to the right, in bytes.</summary>
    public long StepRight { get; } = stepRight;

    /// <summary>The first pixel of a row.</summary>
    public byte* Row(int y) => origin + y * stepDown;
}
