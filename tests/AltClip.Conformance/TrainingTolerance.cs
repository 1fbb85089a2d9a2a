namespace AltClip.Conformance;

/// <summary>What <c>training/cases.json</c> allows: 1e-4 relative on gradients, 1e-4 absolute on losses.</summary>
internal static class TrainingTolerance
{
    public const double Absolute = 1e-4;

    private const double Relative = 1e-4;

    /// <summary>
    /// The gradient of the bias of an attention key is 0 but for rounding, for softmax doesn't feel it. Nothing is relative to what is below
    /// this.
    /// </summary>
    private const double Rounding = 1e-6;

    public static double Gradient(double largest) => Math.Max(Relative * largest, Rounding);
}
