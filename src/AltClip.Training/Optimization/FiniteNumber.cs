namespace AltClip.Training.Optimization;

/// <summary>Refuses numbers that would make all weights infinite or none.</summary>
internal static class FiniteNumber
{
    /// <exception cref="ArgumentOutOfRangeException">The value is infinite, or no number.</exception>
    public static void ThrowUnlessFinite(double value, string name)
    {
        if (!double.IsFinite(value)) throw new ArgumentOutOfRangeException(name, value, "Expected a finite number.");
    }
}
