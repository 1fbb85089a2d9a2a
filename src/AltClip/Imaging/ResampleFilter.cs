namespace AltClip.Imaging;

/// <summary>
/// The filters behind <see cref="Resampling"/> as functions of the distance to the new pixel's centre, in units of the coarser grid.
/// </summary>
internal static class ResampleFilter
{
    /// <summary>Beyond this distance the filter is zero.</summary>
    public static double Support(Resampling filter) => filter switch
    {
        Resampling.Box => 0.5,
        Resampling.Bilinear or Resampling.Hamming => 1,
        Resampling.Bicubic => 2,
        Resampling.Lanczos => 3,
        _ => throw new ArgumentOutOfRangeException(nameof(filter), filter, "Not a filter that weighs pixels."),
    };

    public static double Weight(Resampling filter, double x) => filter switch
    {
        // Half open, so that a pixel on the border of two boxes counts once.
        Resampling.Box => x is > -0.5 and <= 0.5 ? 1 : 0,
        Resampling.Bilinear => Math.Max(1 - Math.Abs(x), 0),
        Resampling.Hamming => Hamming(Math.Abs(x)),
        Resampling.Bicubic => Bicubic(Math.Abs(x)),
        _ => x is >= -3 and < 3 ? Sinc(x) * Sinc(x / 3) : 0,
    };

    private static double Bicubic(double x)
    {
        const double A = -0.5;
        if (x < 1)
            return ((A + 2) * x - (A + 3)) * x * x + 1;
        return x < 2 ? (((x - 5) * x + 8) * x - 4) * A : 0;
    }

    private static double Hamming(double x)
    {
        if (x >= 1)
            return 0;
        // Single precision, as Pillow has them: in double, a few sums come out one off.
        return Sinc(x) * (0.54f + 0.46f * Math.Cos(Math.PI * x));
    }

    private static double Sinc(double x)
    {
        if (x == 0)
            return 1;
        x *= Math.PI;
        return Math.Sin(x) / x;
    }
}
