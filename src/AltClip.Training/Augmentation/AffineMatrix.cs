namespace AltClip.Training.Augmentation;

/// <summary>An affine map of the plane: x' = A x + B y + C, y' = D x + E y + F.</summary>
internal readonly record struct AffineMatrix(double A, double B, double C, double D, double E, double F)
{
    public (double X, double Y) Apply(double x, double y) => (A * x + B * y + C, D * x + E * y + F);

    /// <summary>
    /// Where each place of the result comes from when a picture is sheared, turned and scaled about its centre and then shifted, as
    /// torchvision's <c>_get_inverse_affine_matrix</c> gives it. Angles are in degrees, shifts in pixels.
    /// </summary>
    public static AffineMatrix Inverse(int width, int height, double angle, double shiftX, double shiftY, double scale, double shear)
    {
        var turn = double.DegreesToRadians(angle);
        var slant = Math.Tan(double.DegreesToRadians(shear));
        var (sin, cos) = Math.SinCos(turn);
        var (a, b) = ((-sin * slant + cos) / scale, (cos * slant + sin) / scale);
        var (d, e) = (-sin / scale, cos / scale);
        var (centerX, centerY) = (width * 0.5, height * 0.5);
        return new(
            a, b, centerX - a * (centerX + shiftX) - b * (centerY + shiftY),
            d, e, centerY - d * (centerX + shiftX) - e * (centerY + shiftY));
    }
}
