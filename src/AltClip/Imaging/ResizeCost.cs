namespace AltClip.Imaging;

/// <summary>What resizing a picture takes between its file and its result, known before any of it is done.</summary>
internal static class ResizeCost
{
    /// <summary>Refuses a picture that would take more than pictures may have.</summary>
    /// <param name="geometry">What becomes of it.</param>
    /// <param name="transposed">Whether its stored rows are the upright picture's columns.</param>
    /// <param name="filter">The filter.</param>
    /// <param name="maxPixels">The most pixels.</param>
    /// <param name="name">What the message calls it.</param>
    /// <exception cref="ImageException">The result, the pixels between the two passes or the weights of an axis would be more.</exception>
    public static void Check(ImageGeometry geometry, bool transposed, Resampling filter, long maxPixels, string name)
    {
        var (vertical, horizontal) = geometry;
        // Whichever way it is stored, the first pass leaves all used lines of the axis that the second one mixes.
        var between = transposed ? Used(horizontal, filter) * vertical.VisibleSize : Used(vertical, filter) * horizontal.VisibleSize;
        Refuse("would come out with", (long)vertical.Size * horizontal.Size);
        Refuse("would be resized over", between);
        Refuse("would be resized by as many weights as", Math.Max(Weights(vertical, filter), Weights(horizontal, filter)));

        void Refuse(string what, long pixels)
        {
            if (pixels <= maxPixels) return;
            throw new ImageException(
                $"{name}, of {horizontal.SourceSize} x {vertical.SourceSize} pixels, {what} {pixels} pixels, more than the limit of {maxPixels}; it was not resized.");
        }
    }

    /// <summary>Source pixels along an axis of which what is seen of the result is made, a few too many rather than too few.</summary>
    private static long Used(AxisGeometry axis, Resampling filter) =>
        Math.Min(axis.SourceSize, (long)Math.Ceiling(axis.VisibleSize * Scale(axis) + 2 * Support(axis, filter)) + 2);

    private static long Weights(AxisGeometry axis, Resampling filter) =>
        axis.SourceSize == axis.ResizedSize ? 0 : (long)(axis.VisibleSize * (2 * Support(axis, filter) + 2));

    private static double Support(AxisGeometry axis, Resampling filter) =>
        filter == Resampling.Nearest ? 0 : Math.Ceiling(ResampleFilter.Support(filter) * Math.Max(Scale(axis), 1));

    private static double Scale(AxisGeometry axis) => (double)axis.SourceSize / axis.ResizedSize;
}
